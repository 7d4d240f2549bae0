// Enhancement only: every page works without this file.
const copied = document.currentScript.dataset.copied;

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea"); // outside https a browser has no clipboard object
  box.value = text;
  box.className = "vh";
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

for (const b of document.querySelectorAll("[data-copy]")) {
  b.hidden = false;
  b.addEventListener("click", async () => {
    const label = b.textContent;
    await copy(document.querySelector(b.dataset.copy).textContent);
    b.textContent = copied;
    setTimeout(() => { b.textContent = label; }, 2000);
  });
}
for (const b of document.querySelectorAll("[data-print]")) {
  b.hidden = false;
  b.addEventListener("click", () => window.print());
}
