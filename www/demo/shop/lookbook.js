/*
 * A page that navigates by itself: it changes the address without loading anything, and puts a whole new <body> in place
 * of the old one, as some frameworks do. What a script tag put into the old body is gone afterwards.
 */
const looks = [
  { path: "orchard", name: "Orchard", picture: "plate", text: "Leaves from the trees behind the kiln, pressed into the clay while it is soft. No two plates are alike." },
  { path: "supper", name: "Supper", picture: "bowl", text: "Deep enough for soup, wide enough for bread. The glaze breaks over the rim like cream." },
  { path: "meadow", name: "Meadow", picture: "vase", text: "A narrow neck holds a single stem upright, a full belly keeps it watered for a week." },
];
const header = document.querySelector("header").outerHTML;
const footer = document.querySelector("footer").outerHTML;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function card(look) {
  const picture = element("img", { src: `/pictures/${look.picture}.svg`, alt: "", width: 600, height: 600 });
  return element("li", {}, element("a", { class: "card", href: `/lookbook/${look.path}` }, picture, element("b", {}, look.name)));
}

function cover() {
  return [
    element("h1", {}, "Lookbook"),
    element("p", { class: "lead" }, "Three tables that we laid for ourselves."),
    element("ul", { class: "grid three" }, ...looks.map(card)),
  ];
}

function spread(look) {
  const others = looks.filter((other) => other !== look);
  return [
    element("p", { class: "crumbs" }, element("a", { href: "/lookbook" }, "Lookbook"), ` / ${look.name}`),
    element("div", { class: "product" },
      element("img", { src: `/pictures/${look.picture}.svg`, alt: look.name, width: 600, height: 600 }),
      element("div", {}, element("h1", {}, look.name), element("p", { class: "lead" }, look.text),
        element("p", {}, element("a", { class: "button", href: "/basket.html" }, "Take it home")))),
    element("h2", {}, "Turn the page"),
    element("ul", { class: "grid three" }, ...others.map(card)),
  ];
}

function show() {
  const look = looks.find((look) => location.pathname === `/lookbook/${look.path}`);
  const body = document.createElement("body");
  body.innerHTML = `${header}<main class="wide"></main>${footer}`;
  body.querySelector("main").append(...(look ? spread(look) : cover()));
  document.body.replaceWith(body);
  document.title = `${look ? look.name : "Lookbook"}, Halden & Moss`;
  scrollTo(0, 0);
}

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/lookbook']");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);
show();
