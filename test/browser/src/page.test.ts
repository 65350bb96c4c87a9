import assert from 'node:assert/strict';
import { after } from 'node:test';

import { api, authorized, barriers, close, complaints, it, open, site, token } from './site.js';

after(close);

const lanterns = '/problems/codeforces-example/9001-a';
const everyPage = ['/', lanterns, '/problems/inline/tide-table', '/spending', '/api/docs', '/nowhere'];

it('the list shows every problem with its state and cost, and says that it is live', async () => {
  const page = await open('/');
  const { data } = await api.GET('/api/problems', { params: { query: { limit: 100 } } });
  assert.ok(data);
  assert.equal(await page.locator('tr[data-key]').count(), data.total);
  for (const problem of data.results) {
    const row = page.locator(`tr[data-key="${problem.platform}/${problem.problem_id}"]`);
    assert.equal(await row.locator('[data-cell="title"]').textContent(), problem.title);
    assert.equal(await row.locator('[data-cell="state"]').textContent(), problem.state);
  }
  await page.getByText('live', { exact: true }).waitFor();
  assert.deepEqual(complaints(page), []);
});

it('a problem that is registered appears at once, and its state follows', async () => {
  const page = await open('/');
  await page.getByText('live', { exact: true }).waitFor();
  const registered = await api.POST('/api/problems', { body: { problem_url: 'https://cses.fi/problemset/task/1068' }, headers: authorized });
  assert.equal(registered.response.status, 202, JSON.stringify(registered.error));
  const row = page.locator('tr[data-key="cses/1068"]');
  await row.waitFor();
  await row.locator('[data-cell="new"]').waitFor();
  const again = await api.POST('/api/problems', { body: { problem_url: 'http://cses.fi/problemset/task/1068/' }, headers: authorized });
  assert.deepEqual(again.data, registered.data);
  const deleted = await api.DELETE('/api/problems/{platform}/{id}', { params: { path: { platform: 'cses', id: '1068' } }, headers: authorized });
  assert.equal(deleted.response.status, 202);
  await row.waitFor({ state: 'detached' });
  assert.deepEqual(complaints(page), []);
});

it('filters and the order are addresses', async () => {
  const page = await open('/');
  await page.getByLabel('Search').fill('canal');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/q=canal/);
  assert.deepEqual(await page.locator('tr[data-key] [data-cell="title"]').allTextContents(), ['Canal Locks']);
  await page.goto(`${site}/?sort=-title`);
  const titles = await page.locator('tr[data-key] [data-cell="title"]').allTextContents();
  assert.deepEqual(titles, [...titles].sort((a, b) => a.toLowerCase() < b.toLowerCase() ? 1 : -1));
});

it('a problem has its statement, formulas, samples, a picture of its suite, and its solutions', async () => {
  const page = await open(lanterns);
  await page.getByRole('heading', { level: 1, name: 'A. Lanterns on the Pier' }).waitFor();
  assert.ok(await page.locator('math').count() > 3, 'formulas are drawn');
  assert.ok(await page.locator('math').first().evaluate(math => math.getBoundingClientRect().height > 5), 'formulas have a size');
  await page.getByRole('heading', { name: 'Sample 1' }).waitFor();
  await page.getByRole('img', { name: /kill/i }).first().waitFor();
  const python = page.getByRole('region', { name: /Solutions/ }).or(page.locator('section[aria-labelledby="solutions"]'));
  assert.match(await python.first().innerText(), /python/);
  assert.deepEqual(complaints(page), []);
});

it('attempts are shown with what changed between them', async () => {
  const page = await open('/problems/inline/moorings');
  await page.locator('section[aria-labelledby="solutions"] summary', { hasText: /How it came about: 2 attempts/ }).click();
  const changes = page.locator('section[aria-labelledby="solutions"] details[open]');
  assert.match(await changes.first().innerText(), /WA|TLE|RTE|CE/);
  assert.ok(await changes.locator('ins, .added, .add').count() > 0, 'what was added is marked');
});

const wrong = 'n, k = map(int, input().split())\na = list(map(int, input().split()))\nprint(n)\n';

it('a program is submitted by keyboard alone, and its verdict appears as it comes', async () => {
  const page = await open(lanterns);
  await page.getByLabel('Language', { exact: true }).focus();
  await page.keyboard.type('python');
  await page.getByLabel('Program', { exact: true }).focus();
  await page.keyboard.insertText(wrong);
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(token);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('#outcome').getByText('WA', { exact: true }).waitFor({ timeout: 60_000 });
  assert.match(await page.locator('#outcome').innerText(), /of 29 tests passed/);
  assert.deepEqual(complaints(page), []);
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length + document.cookie.length), 0, 'the token is not kept');
});

it('what is refused is explained beside the form, and nothing is lost', async () => {
  const page = await open(lanterns);
  await page.getByLabel('Program', { exact: true }).fill(wrong);
  await page.getByLabel('Kubernetes token').fill('garbage');
  await page.getByRole('button', { name: 'Submit' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText(/token is not valid/).waitFor();
  assert.equal(await page.getByLabel('Program', { exact: true }).inputValue(), wrong);
});

it('the client gets errors that name the field', async () => {
  const { error, response } = await api.POST('/api/problems', { body: { problem_url: 'no address' }, headers: authorized });
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(error?.errors?.[0]?.field, 'problem_url');
});

it('everything can be read without a script', async () => {
  const page = await open(lanterns, { javaScriptEnabled: false });
  assert.match(await page.innerText('main'), /There are n lanterns/);
  assert.match(await page.innerText('main'), /needs the script/);
  assert.equal(await page.locator('#submission').isVisible(), false);
});

it('spending is a picture with the same as a table', async () => {
  const page = await open('/spending');
  await page.getByRole('img').first().waitFor();
  assert.ok(await page.getByRole('table').count() >= 2);
  assert.match(await page.innerText('main'), /default\/openai/);
});

it('the API is described', async () => {
  const page = await open('/api/docs');
  assert.match(await page.innerText('main'), /Register a problem/);
  const described = await (await fetch(`${site}/api/openapi.json`)).json() as { openapi: string };
  assert.match(described.openapi, /^3\.1/);
});

for (const colorScheme of ['light', 'dark'] as const) {
  it(`no page has barriers, in ${colorScheme}`, async () => {
    const found: Record<string, string[]> = {};
    for (const path of everyPage) {
      const broken = await barriers(await open(path, { colorScheme }));
      if (broken.length > 0) found[path] = broken;
    }
    assert.deepEqual(found, {});
  });
}

it('no page is wider than a narrow screen', async () => {
  for (const path of everyPage) {
    const page = await open(path, { viewport: { width: 320, height: 700 } });
    const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= screen!, `${path} is ${wide} px wide`);
  }
});

it('the first stop of the keyboard leads to the content', async () => {
  const page = await open('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
});

it('a page that loses its server says so, and finds it again', async () => {
  const page = await open('/');
  await page.getByText('live', { exact: true }).waitFor();
  await page.context().setOffline(true);
  await page.getByText(/offline/).waitFor();
  await page.context().setOffline(false);
  await page.getByText('live', { exact: true }).waitFor({ timeout: 60_000 });
});
