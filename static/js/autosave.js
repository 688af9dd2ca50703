// What is typed is kept on the server a moment after the last key (a draft of
// this person in this form); files are not, a browser cannot give them back.
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const note = document.getElementById("saved-note");
  let timer = null;
  const save = async () => {
    const body = new FormData(form);
    for (const [name, value] of [...body]) {
      if (value instanceof File) body.delete(name);
    }
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body });
      note.textContent = answer.ok ? note.dataset.saved : note.dataset.failed;
    } catch {
      note.textContent = note.dataset.failed;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
})();
