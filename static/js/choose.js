// Choosing many rows of a table: one button for all of them, and how many are chosen.
(() => {
  document.querySelectorAll("[data-choose-all]").forEach((button) => {
    const table = document.getElementById(button.dataset.chooseAll);
    if (!table) return;
    const boxes = [...table.querySelectorAll("input[type=checkbox]")];
    const note = document.querySelector(`[data-chosen-of="${table.id}"]`);
    const count = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      if (note) note.textContent = chosen ? `${note.dataset.words} ${chosen} / ${boxes.length}` : "";
    };
    button.hidden = boxes.length === 0;
    button.addEventListener("click", () => {
      const all = boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = !all; });
      count();
    });
    table.addEventListener("change", count);
    count();
  });
})();
