"use strict";

// Sorting, filtering and searching of the table of students. Without it the table stands as it was written:
// who has flags first, then by name.
(() => {
  const table = document.getElementById("students");
  const body = table.tBodies[0];
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const count = document.getElementById("count");
  const rows = Array.from(body.rows, (row, place) => ({
    row,
    place,
    status: row.dataset.status.split(" "),
    text: row.textContent.toLocaleLowerCase(),
    values: Array.from(row.cells, (cell) => cell.textContent.trim()),
  }));
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // What has no figure comes last, in either direction.
  const byNumber = (left, right, turn) => {
    if (left === "" || right === "") return (left === "") - (right === "");
    return turn * (Number(left) - Number(right));
  };

  const sort = (heading, column) => {
    const turn = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const numbers = heading.dataset.kind === "number";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
    rows.sort((left, right) => {
      const [one, two] = [left.values[column], right.values[column]];
      return (numbers ? byNumber(one, two, turn) : turn * words.compare(one, two)) || left.place - right.place;
    });
    const sorted = document.createDocumentFragment();
    for (const each of rows) sorted.append(each.row);
    body.append(sorted);
  };

  const filter = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const each of rows) {
      const fits = (status.value === "" || each.status.includes(status.value)) && each.text.includes(wanted);
      each.row.hidden = !fits;
      shown += fits;
    }
    count.value = shown === rows.length ? `${shown} students` : `${shown} of ${rows.length} students`;
  };

  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    heading.querySelector("button")?.addEventListener("click", () => sort(heading, column));
  });
  search.addEventListener("input", filter);
  status.addEventListener("change", filter);
  document.getElementById("tools").hidden = false;
  filter();
})();
