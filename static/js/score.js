// The score sheet: a running total, low scores marked, the keys to the next case.
(() => {
  const total = document.querySelector("[data-score-total]");
  if (!total) return;
  const add = () => {
    let hundredths = 0;
    document.querySelectorAll("[data-score]").forEach((input) => {
      const match = /^(\d{1,3})(?:\.(\d{0,2}))?$/.exec(input.value.trim());
      const score = match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) : 0;
      hundredths += score;
      const line = input.closest("[data-least]");
      line.classList.toggle("low", input.value.trim() !== "" && score < Math.round(Number(line.dataset.least) * 100));
    });
    total.textContent = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
  };
  document.addEventListener("input", (event) => { if (event.target.matches("[data-score]")) add(); });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const link = document.querySelector(`a[data-key="${event.key}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
  add();
})();
