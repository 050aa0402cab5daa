"use strict";
const sections = Array.from(document.querySelectorAll("main section"));
const form = document.getElementById("filters");

function value(row, column) {
  const cell = row.cells[column];
  return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim().toLowerCase();
}

function sort(button) {
  const header = button.closest("th");
  const body = header.closest("table").tBodies[0];
  const column = header.cellIndex;
  const numeric = header.classList.contains("n");
  const down = header.getAttribute("aria-sort") ? header.getAttribute("aria-sort") === "ascending" : numeric;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = Array.from(body.rows).sort((a, b) => {
    const [x, y] = [value(a, column), value(b, column)];
    return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  });
  body.append(...rows);
}

function filter() {
  const wanted = Object.fromEntries(new FormData(form));
  let shown = 0;
  for (const section of sections) {
    const fits = ["split", "engine", "k"].every((name) => !wanted[name] || section.dataset[name] === wanted[name]);
    let rows = 0;
    for (const row of section.querySelectorAll("tbody tr")) {
      const hit = (!wanted.strategy || row.dataset.strategy === wanted.strategy)
        && row.dataset.model.toLowerCase().includes(wanted.model.trim().toLowerCase());
      row.hidden = !hit;
      rows += hit;
    }
    section.hidden = !fits || rows === 0;
    shown += section.hidden ? 0 : rows;
  }
  document.getElementById("count").textContent = `${shown} rows`;
}

document.querySelectorAll("table.board th button").forEach((button) => button.addEventListener("click", () => sort(button)));
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
