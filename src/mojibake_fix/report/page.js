"use strict";
(() => {
  const buttons = [...document.querySelectorAll("button[data-fault]")];
  const surest = document.querySelector("#sure");
  const rows = [...document.querySelectorAll("article")];
  const sections = [...document.querySelectorAll("section")];

  const show = () => {
    const active = new Set(buttons.filter(b => b.getAttribute("aria-pressed") === "true").map(b => b.dataset.fault));
    const limit = Number(surest.value);
    for (const row of rows) {
      const wanted = row.dataset.faults.split(" ").some(fault => active.has(fault));
      row.hidden = !(wanted && Number(row.dataset.sure) <= limit);
    }
    let any = false;
    for (const section of sections) {
      const shown = section.querySelectorAll("article:not([hidden])").length;
      section.hidden = shown === 0 && !section.querySelector(".error");
      const entry = document.querySelector(`nav a[href="#${section.id}"]`);
      entry.parentElement.hidden = section.hidden;
      entry.querySelector(".n").textContent = shown || "";
      any ||= !section.hidden;
    }
    document.querySelector("#none").hidden = any;
  };

  for (const button of buttons) {
    button.addEventListener("click", event => {
      if (event.altKey) {
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      } else {
        button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      }
      show();
    });
  }
  surest.addEventListener("change", show);

  const tip = document.querySelector("#tip");
  document.addEventListener("mouseover", event => {
    const mark = event.target.closest("mark");
    tip.hidden = !mark;
    if (!mark) return;
    const bytes = event.target.closest("i")?.dataset.b;
    tip.textContent = [bytes && `${event.target.textContent}  ${bytes}`, mark.dataset.tip].filter(Boolean).join("\n");
  });
  document.addEventListener("mousemove", event => {
    if (tip.hidden) return;
    const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 20 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(x, 8)}px`;
    tip.style.top = `${below ? event.clientY + 20 : event.clientY - tip.offsetHeight - 12}px`;
  });
  show();
})();
