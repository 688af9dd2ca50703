// Parses BPMN files with bpmn-moddle and prints what it warns of, as JSON.
import { readFileSync } from "node:fs";
import { BpmnModdle } from "bpmn-moddle";

const told = {};
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf-8");
  try {
    const { rootElement, warnings } = await new BpmnModdle().fromXML(text);
    told[file] = {
      warnings: warnings.map((warning) => warning.message),
      elements: rootElement.rootElements.flatMap((process) =>
        (process.flowElements ?? []).map((element) => element.$type),
      ),
    };
  } catch (error) {
    told[file] = { warnings: [error.message], elements: [] };
  }
}
console.log(JSON.stringify(told));
