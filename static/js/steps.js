// Buttons beside number fields: one step of the first digit up or down. Without JavaScript the field is typed in.
const form = document.getElementById("scenario");
const { decimal, group } = form.dataset;
const read = (text) => Number(text.split(group).join("").replace(/\s/g, "").replace(decimal, "."));
const write = (number) => number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 10 });
const stepOf = (number, up) => {
  if (!number) return 1;
  const power = 10 ** Math.floor(Math.log10(Math.abs(number)) + 1e-9);
  return !up && Math.abs(number) === power ? power / 10 : power;
};
form.querySelectorAll(".stepper").forEach((stepper) => {
  const field = document.getElementById(stepper.dataset.for);
  stepper.hidden = false;
  stepper.addEventListener("click", (event) => {
    const direction = Number(event.target.dataset.step);
    const number = read(field.value || "0");
    if (!direction || Number.isNaN(number)) return;
    let step = stepOf(number, direction > 0);
    if ("whole" in stepper.dataset) step = Math.max(step, 1);
    field.value = write(Math.max(0, Number((number + direction * step).toPrecision(12))));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
