"use strict";
const list = document.getElementById("pairs");
const pairs = Array.from(list.children);

async function unpack(pair) {
  const packed = pair.querySelector(".packed");
  if (!packed) return;
  const bytes = Uint8Array.from(atob(packed.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const content = document.createElement("div");
  content.innerHTML = await new Response(stream).text();
  packed.replaceWith(content);
}

list.addEventListener("toggle", (event) => {
  if (event.target.open && event.target.classList.contains("pair")) unpack(event.target);
}, true);

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-view]");
  if (!button) return;
  for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
  button.parentElement.nextElementSibling.className = `code ${button.dataset.view}`;
});

function apply() {
  const wanted = document.getElementById("find").value.trim().toLowerCase();
  const outcome = document.getElementById("outcome").value;
  const order = document.getElementById("order").value;
  let shown = 0;
  for (const pair of pairs) {
    const fits = pair.dataset.find.toLowerCase().includes(wanted) && (!outcome || pair.dataset.outcomes.split(" ").includes(outcome));
    pair.hidden = !fits;
    shown += fits;
  }
  const sign = { split: 0, fast: -1, slow: 1 }[order];
  const sorted = pairs.slice().sort((a, b) => sign * (a.dataset.speedup - b.dataset.speedup) || a.dataset.number - b.dataset.number);
  list.append(...sorted);
  document.getElementById("count").textContent = `${shown} of ${pairs.length} pairs`;
}
document.getElementById("filters").addEventListener("input", apply);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
