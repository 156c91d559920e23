// Makes pages handier that work without it.

// Quick Find: as you type.
const find = document.querySelector('.quick-find input');
find?.addEventListener('input', () => {
  const words = find.value.trim().toLowerCase();
  for (const group of document.querySelectorAll('.navigation section')) {
    let any = false;
    for (const item of group.querySelectorAll('li')) {
      item.hidden = !`${group.dataset.words} ${item.dataset.words}`.includes(words);
      any ||= !item.hidden;
    }
    group.hidden = !any;
  }
});

// A menu closes when something else is clicked, and on Escape.
document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target)) menu.open = false;
  }
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

// One click, one request: the server forgives a second one too.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'yes';
});
// A page that comes back from the browser's memory may be sent again.
window.addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Copy: data-copy holds the selector of what is copied.
const copy = async (button) => {
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
  const label = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
};
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = navigator.clipboard === undefined;
  button.addEventListener('click', () => void copy(button));
}

// API Name follows from the name, until somebody types one.
const named = document.querySelector('[data-fills]');
const filled = named && document.querySelector(named.dataset.fills);
filled?.addEventListener('input', () => {
  filled.dataset.typed = 'yes';
});
named?.addEventListener('input', () => {
  if (filled.dataset.typed || filled.defaultValue !== '') return;
  const word = named.value.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '_');
  filled.value = word.replace(/^[_0-9]+|_+$/g, '').slice(0, 80);
});

// A part of a form that shows when its box is checked.
for (const box of document.querySelectorAll('input[data-opens]')) {
  const part = document.querySelector(box.dataset.opens);
  const show = () => {
    part.hidden = !box.checked;
    for (const input of part.querySelectorAll('[data-required]')) input.required = box.checked;
  };
  box.addEventListener('change', show);
  show();
}

// Select all: the boxes of a list at once.
for (const all of document.querySelectorAll('[data-all]')) {
  all.hidden = false;
  all.addEventListener('change', ({ target }) => {
    for (const box of document.getElementsByName(all.dataset.all)) box.checked = target.checked;
  });
}

// Two lists: Add and Remove move the options here instead of asking the server.
for (const lists of document.querySelectorAll('.two-lists')) {
  const [available, selected] = lists.querySelectorAll('select');
  const keep = () => {
    for (const old of lists.querySelectorAll('input[type=hidden]')) old.remove();
    for (const { value } of selected.options) {
      const input = document.createElement('input');
      Object.assign(input, { type: 'hidden', name: lists.dataset.name, value });
      lists.append(input);
    }
  };
  const move = (from, to) => {
    for (const option of [...from.selectedOptions]) {
      option.selected = false;
      const after = [...to.options].find(
        ({ dataset }) => Number(dataset.order) > Number(option.dataset.order),
      );
      to.insertBefore(option, after ?? null);
    }
    keep();
  };
  const [add, remove] = lists.querySelectorAll('.between button');
  for (const [button, from, to] of [
    [add, available, selected],
    [remove, selected, available],
  ]) {
    button.addEventListener('click', (event) => {
      event.preventDefault();
      move(from, to);
    });
    from.addEventListener('dblclick', () => move(from, to));
  }
}

// A list that follows what happens: read anew at each event, at most three times a second.
const live = document.querySelector('[data-live]');
const pause = document.querySelector('[data-pause]');
if (live && pause) {
  let isPaused = false;
  let isDue = false;
  let isBusy = false;
  const renew = async () => {
    if (isPaused || isBusy) {
      isDue = true;
      return;
    }
    isBusy = true;
    isDue = false;
    const response = await fetch(location.href).catch(() => undefined);
    if (response?.ok && !response.redirected) {
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const focused = document.activeElement?.getAttribute('href');
      const held = live.contains(document.activeElement) ? focused : undefined;
      live.replaceChildren(...(page.getElementById(live.id)?.childNodes ?? []));
      if (held) live.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
    }
    setTimeout(() => {
      isBusy = false;
      if (isDue) void renew();
    }, 300);
  };
  const events = new EventSource(live.dataset.live);
  events.addEventListener('request', () => void renew());
  window.addEventListener('pagehide', () => events.close());
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  pause.hidden = false;
  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Resume' : 'Pause';
    if (!isPaused && isDue) void renew();
  });
}
