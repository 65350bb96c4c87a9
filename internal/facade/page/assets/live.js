// Keeps a page up to date while it is open, and submits programs. Everything
// can be read without it.

const byId = id => document.getElementById(id);
const say = text => { byId('news').textContent = text; };
const node = (name, text, className = '') => Object.assign(document.createElement(name), { textContent: text, className });
const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

// ---- Parts of the page: fetched anew, and replaced where they differ.

// served is the HTML of each part as the server sent it: the page's own has
// opened details and visible buttons.
const served = new Map();
const focusable = 'a[href], button, summary, input, select, textarea, [tabindex]';

async function refresh(wanted = () => true) {
  const answer = await fetch(location.href, { cache: 'no-cache' });
  if (answer.status === 404) return say('What this page shows is gone');
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of fresh.querySelectorAll('[data-part]')) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || !wanted(part) || served.get(part.dataset.part) === part.outerHTML) continue;
    served.set(part.dataset.part, part.outerHTML);
    const opened = [...old.querySelectorAll('details')].map(details => details.open);
    const focused = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
    reveal(part);
    old.replaceWith(part);
    part.querySelectorAll('details').forEach((details, i) => { details.open = opened[i] ?? details.open; });
    if (focused >= 0) part.querySelectorAll(focusable)[focused]?.focus({ preventScroll: true });
  }
}

// later runs once for many calls that come together, and again if it fails.
function later(milliseconds, run) {
  let timer;
  return function again() {
    clearTimeout(timer);
    timer = setTimeout(() => run().catch(() => { timer = setTimeout(again, 3000); }), milliseconds);
  };
}

// reveal shows what needs this script.
function reveal(root) {
  for (const button of root.querySelectorAll('button.copy')) button.hidden = !navigator.clipboard;
}

document.addEventListener('click', async event => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  await navigator.clipboard.writeText(button.closest('figure, .program').querySelector('pre').textContent);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
});

// ---- Streams of changes.

function connection(state) {
  const text = { open: 'live', lost: 'reconnecting…', offline: 'offline: shown as it was' }[state];
  const place = byId('connection');
  place.className = `connection ${state}`;
  if (place.textContent !== text) place.textContent = text;
}

// stream is the newest one: a short time offline may not have cost it.
let stream;
addEventListener('offline', () => connection('offline'));
addEventListener('online', () => connection(stream?.readyState === EventSource.OPEN ? 'open' : 'lost'));

// follow listens. A browser connects again by itself where the network failed,
// but gives up on an answer that is an error.
function follow(address, last, handlers, pause = 1000) {
  const url = new URL(address, location.href);
  if (last) url.searchParams.set('last_event_id', last);
  const source = stream = new EventSource(url);
  const on = (name, handle) => source.addEventListener(name, event => { last = event.lastEventId || last; handle(event); });
  on('open', () => { pause = 1000; connection('open'); handlers.open?.(); });
  on('message', event => handlers.message(JSON.parse(event.data)));
  on('ready', () => {});
  on('reset', () => handlers.reset());
  source.onerror = () => {
    connection(navigator.onLine ? 'lost' : 'offline');
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, pause, address, last, handlers, Math.min(pause * 2, 30000));
  };
}

// ---- The list of problems.

function followList({ events, version }) {
  const statistics = later(3000, () => refresh(part => part.dataset.part === 'statistics'));
  follow(events, version, {
    message(event) {
      if (event.kind === 'problem') update(event);
      statistics();
    },
    // What was missed cannot be told: all of the list is asked for again.
    reset: later(300, refresh),
  });
}

function update({ platform, problem_id: id, problem, deleted }) {
  // From here on the list is no longer what was served.
  served.delete('list');
  const key = `${platform}/${id}`;
  let row = [...document.querySelectorAll('tr[data-key]')].find(one => one.dataset.key === key);
  if (deleted || !problem) {
    if (row) say(`${key} is gone`);
    row?.remove();
    return;
  }
  if (!row) {
    const list = document.querySelector('[data-live="problems"]');
    if ('later' in list.dataset) return;
    row = byId('row').content.firstElementChild.cloneNode(true);
    row.dataset.key = key;
    row.querySelector('[data-cell="new"]').hidden = false;
    byId('rows').prepend(row);
    list.querySelector('.region').hidden = false;
    list.querySelector('.empty')?.remove();
  }
  fill(row, key, problem);
  say(`${problem.title || key} is ${problem.state}${problem.message ? `: ${problem.message}` : ''}`);
}

function fill(row, key, problem) {
  const cell = name => row.querySelector(`[data-cell="${name}"]`);
  const put = (name, text, none = '') => { cell(name).textContent = text || none; };
  const memory = problem.memory_limit_mb && `${problem.memory_limit_mb} MB`;
  put('title', problem.title, key);
  cell('title').href = `/problems/${encodeURIComponent(problem.platform)}/${encodeURIComponent(problem.problem_id)}`;
  put('key', key);
  put('rating', problem.difficulty_rating, '–');
  put('limits', [problem.time_limit_ms && seconds(problem.time_limit_ms), memory].filter(Boolean).join(' · '), '–');
  put('languages', problem.solved_languages?.join(', '), '–');
  put('state', problem.state);
  cell('state').className = `badge ${problem.state}`;
  put('reason', problem.reason);
  put('message', problem.message);
  put('cost', problem.cost && money(problem.cost), '–');
  put('updated', new Date(problem.updated_at).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }));
}

const seconds = ms => ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;

function money({ amount, currency }) {
  const value = Number(amount);
  const small = value > 0 && value < 0.00005;
  const text = small ? '0.0001' : value.toFixed(value === 0 || Math.abs(value) >= 1 ? 2 : 4);
  return (small ? '< ' : '') + (currency === 'USD' ? `$${text}` : `${text} ${currency}`);
}

// ---- One problem, and programs for it.

function followProblem({ events }) {
  const all = later(300, refresh);
  // What changed between the page and the stream is asked for as it opens.
  follow(events, '', { open: all, reset: all, message() { all(); say('This page has changed'); } });
}

const kept = 'algoitny-token';
// A page that came without TLS has no randomUUID.
const unique = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');

function setUp(form) {
  const { language, file, code, token, keep } = form.elements;
  const button = form.querySelector('[type="submit"]');
  token.value = sessionStorage.getItem(kept) ?? '';
  keep.checked = token.value !== '';
  form.hidden = false;
  const keepOrForget = () => { if (keep.checked) sessionStorage.setItem(kept, token.value.trim()); else sessionStorage.removeItem(kept); };
  keep.addEventListener('change', keepOrForget);
  file.addEventListener('change', async () => { if (file.files[0]) code.value = await file.files[0].text(); });
  // One key for one program: a click after a failure cannot submit it twice.
  let key = unique();
  form.addEventListener('input', () => { key = unique(); });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    keepOrForget();
    byId('submit-error').replaceChildren();
    button.disabled = true;
    try {
      const headers = { Authorization: `Bearer ${token.value.trim()}` };
      const answer = await ask(form.dataset.address, {
        method: 'POST', headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify({ language: language.value, code: code.value }),
      });
      const { namespace, name } = await answer.json();
      key = unique();
      await judged(`/api/submissions/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/events`, headers);
    } catch (error) {
      byId('submit-error').replaceChildren(...explained(error));
    }
    button.disabled = false;
  });
}

// ask fetches; what the facade refuses is an error with its fault.
async function ask(address, options) {
  const answer = await fetch(address, options);
  if (answer.ok) return answer;
  const fault = await answer.json().catch(() => ({ detail: `The answer was ${answer.status}.` }));
  throw Object.assign(new Error(fault.detail), { fault, status: answer.status });
}

function explained({ fault }) {
  if (!fault) return [node('p', 'The facade cannot be reached, or what it said cannot be read; try again.')];
  const list = node('ul', '');
  list.append(...(fault.errors ?? []).map(({ field, detail }) => node('li', `${field} ${detail}`)));
  return [node('p', fault.detail || fault.title), ...(list.children.length ? [list] : [])];
}

// judged follows a submission to its verdict. An EventSource could not send
// the token.
async function judged(address, headers) {
  show({ live: { state: 'working', message: 'Waiting to be judged.' } });
  for (let last = '', failures = 0; ; await wait(Math.min(500 * 2 ** failures, 30000))) {
    try {
      const resumed = last ? { ...headers, 'Last-Event-ID': last } : headers;
      const answer = await ask(address, { headers: resumed, cache: 'no-store' });
      for await (const { id, data } of events(answer.body)) {
        failures = 0;
        last = id ?? last;
        const { submission, deleted } = JSON.parse(data);
        if (submission) show(submission);
        if (submission?.verdict || submission?.live.state === 'stalled' || deleted) return;
      }
    } catch (error) {
      // What is away may come back; what is refused stays refused.
      if (error.status < 500 && error.status !== 429 || ++failures > 8) throw error;
    }
  }
}

// events reads server-sent events: an empty line ends one, a line that begins
// with a colon is a comment, and lines end in LF, CR or CR LF.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '', event = {};
  try {
    for (let chunk; !(chunk = await reader.read()).done;) {
      // A CR at the end may be the first half of a CR LF.
      const lines = (rest + chunk.value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
        if (line === '') {
          if ('data' in event) yield event;
          event = {};
        } else if (field === 'data') {
          event.data = 'data' in event ? `${event.data}\n${value}` : value;
        } else if (field === 'id') {
          event.id = value;
        }
      }
    }
  } finally {
    reader.cancel();
  }
}

function show({ verdict, passed, total, time_ms: time, time_limit_ms: limit, memory_mb: memory, compile_log: log, first_failure: failure, live }) {
  const facts = [total && `${passed} of ${total} tests passed`, verdict && `${seconds(time)}${limit ? ` of ${seconds(limit)}` : ''}`, verdict && `${memory} MB`, verdict ? '' : live.message];
  const head = node('p', '');
  head.append(node('span', verdict || live.state, verdict ? `verdict ${verdict === 'AC' ? 'right' : 'wrong'}` : `badge ${live.state}`), ` ${facts.filter(Boolean).join(' · ')}`);
  const lines = [head];
  const quote = (name, text) => { if (text) lines.push(node('p', name, 'fine'), Object.assign(node('pre', text, 'region'), { tabIndex: 0, role: 'group', ariaLabel: name })); };
  if (failure) lines.push(node('p', `${failure.name}: ${failure.verdict}${failure.detail ? `, ${failure.detail}` : ''}`));
  quote('Input', failure?.input);
  quote('Expected', failure?.expected);
  quote('Printed', failure?.actual);
  quote('The compiler says', log);
  byId('outcome').replaceChildren(...lines);
  byId('outcome').hidden = false;
}

for (const part of document.querySelectorAll('[data-part]')) served.set(part.dataset.part, part.outerHTML);
reveal(document);
const live = document.querySelector('[data-live]');
if (live?.dataset.live === 'problems') followList(live.dataset);
if (live?.dataset.live === 'problem') followProblem(live.dataset);
if (byId('submission')) setUp(byId('submission'));
