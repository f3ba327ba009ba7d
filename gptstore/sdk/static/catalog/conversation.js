// The conversation of a form: shows the earlier turns of an example above the text area.

export function showConversation(area, messages) {
  const box = document.querySelector(`[data-conversation="${CSS.escape(area.name)}"]`);
  const all = Array.isArray(messages) ? messages : [];
  const isNext = all.at(-1)?.role === "user";
  const earlier = isNext ? all.slice(0, -1) : all;
  area.value = isNext ? all.at(-1).content : "";
  box.querySelector("input").value = JSON.stringify(earlier);
  const list = box.querySelector("ol");
  list.hidden = earlier.length === 0;
  list.replaceChildren(...earlier.map((message) => turn(message, box.dataset)));
}

function turn(message, speakers) {
  const item = document.createElement("li");
  item.className = `turn ${message.role}`;
  item.append(part("span", "turn-speaker", speakers[message.role]), part("div", "turn-text", message.content));
  item.lastChild.dir = "auto";
  return item;
}

function part(element, name, text) {
  const made = document.createElement(element);
  made.className = name;
  made.textContent = text;
  return made;
}
