// The picture of a flow begins at its open step, else at the last one done.
for (const box of document.querySelectorAll(".diagram")) {
  const step = box.querySelector(".node.open") ?? [...box.querySelectorAll(".node.done")].pop();
  if (!step) continue;
  const [at, around] = [step.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollLeft += at.left + at.width / 2 - around.left - around.width / 2;
  box.scrollTop += at.top + at.height / 2 - around.top - around.height / 2;
}
