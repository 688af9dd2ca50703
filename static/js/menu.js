// The menu of a narrow screen: one button opens and closes it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (!button) return;
  const menu = document.getElementById(button.dataset.menu);
  const open = menu.classList.toggle("show");
  button.setAttribute("aria-expanded", String(open));
});
