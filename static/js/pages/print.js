// Pages made to be printed: the button asks the browser's own print dialog.

for (const button of document.querySelectorAll('[data-action="print"]')) {
  button.addEventListener("click", () => window.print());
}
