// Tables of rows: add, remove, and running totals of the money columns.
(() => {
  const renumber = (table) => {
    const name = table.dataset.rows;
    table.querySelectorAll("tbody tr").forEach((row, index) => {
      row.querySelectorAll("[name]").forEach((input) => {
        const column = input.name.slice(input.name.lastIndexOf("-") + 1);
        input.name = `${name}-${index}-${column}`;
        input.id = `id_${input.name}`;
        const label = row.querySelector(`label[data-column="${column}"]`);
        if (label) label.htmlFor = input.id;
      });
    });
  };
  const total = (table) => {
    table.querySelectorAll("[data-total]").forEach((cell) => {
      const column = cell.dataset.total;
      let fen = 0n;
      table.querySelectorAll(`tbody [name$="-${column}"]`).forEach((input) => {
        const match = /^(\d+)(?:\.(\d{0,2}))?$/.exec(input.value.trim().replace(/,/g, ""));
        if (match) fen += BigInt(match[1]) * 100n + BigInt((match[2] || "").padEnd(2, "0"));
      });
      const digits = fen.toString().padStart(3, "0");
      const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
      cell.textContent = `${yuan}.${digits.slice(-2)}`;
    });
  };
  const changed = (table) => {
    renumber(table);
    total(table);
    table.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    const remove = event.target.closest("[data-remove-row]");
    if (add) {
      const table = document.getElementById(add.dataset.addRow);
      const template = document.getElementById(`${table.id}-blank`);
      table.tBodies[0].append(template.content.cloneNode(true));
      changed(table);
      table.tBodies[0].lastElementChild.querySelector("input, select, textarea")?.focus();
    } else if (remove) {
      const table = remove.closest("table");
      const next = document.querySelector(`[data-add-row="${table.id}"]`);
      remove.closest("tr").remove();
      changed(table);
      (next || table.closest("fieldset"))?.focus();
    }
  });
  document.addEventListener("input", (event) => {
    const table = event.target.closest?.("table[data-rows]");
    if (table && event.target !== table) total(table);
  });
})();
