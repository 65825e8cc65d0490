// The frame around Studio's elements: shows the one that the address asks for. Studio itself is loaded once a visit.
const base = new URL(document.baseURI).pathname;
const remote = location.origin + '/elsa/api';
const content = document.getElementById('content');
const loading = document.getElementById('loading');

const routes = [
    [/^workflows\/definitions\/?$/, 'definitions', () => ({
        tag: 'elsa-workflow-definition-list',
        callbacks: { editWorkflowDefinition: id => go(`workflows/definitions/${encodeURIComponent(id)}/edit`) },
    })],
    [/^workflows\/definitions\/([^/]+)\/edit$/, 'definitions', id => ({ tag: 'elsa-workflow-definition-editor', attributes: { 'definition-id': id } })],
    [/^workflows\/instances\/?$/, 'instances', () => ({
        tag: 'elsa-workflow-instance-list',
        callbacks: { viewWorkflowInstance: id => go(`workflows/instances/${encodeURIComponent(id)}/view`) },
    })],
    [/^workflows\/instances\/([^/]+)\/view$/, 'instances', id => ({
        tag: 'elsa-workflow-instance-viewer',
        attributes: { 'instance-id': id },
        shown: () => offerRetry(id),
        callbacks: { editWorkflowDefinition: definition => go(`workflows/definitions/${encodeURIComponent(definition)}/edit`) },
    })],
];

/** Shows what the address asks for. */
async function show() {
    const path = location.pathname.slice(base.length);
    for (const [pattern, page, make] of routes) {
        const match = pattern.exec(path);
        if (match) {
            mark(page);
            await place(make(...match.slice(1).map(decodeURIComponent)));
            return;
        }
    }
    tell('没有这个页面。', 'There is no such page.');
}

async function place({ tag, attributes = {}, callbacks = {}, shown }) {
    await Promise.race([customElements.whenDefined(tag), loaded]);
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries({ 'remote-endpoint': remote, ...attributes }))
        element.setAttribute(name, value);
    content.replaceChildren(element);
    // Studio forgets what is assigned before the element is known.
    Object.assign(element, callbacks);
    loading.hidden = true;
    shown?.();
}

/** Studio shows what has failed and has no button to try it again. */
async function offerRetry(id) {
    if (document.documentElement.dataset.operates !== 'true')
        return;
    const button = document.getElementById('retry');
    button.onclick = async () => {
        button.disabled = true;
        const answer = await fetch(`${remote}/alterations/workflows/retry`, {
            method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ workflowInstanceIds: [id] }),
        });
        // What becomes of it Studio shows by itself.
        if (answer.ok)
            button.hidden = true;
        else
            report((await answer.json().catch(() => null))?.detail ?? '重试失败。 The retry failed.');
        button.disabled = false;
    };
    for (;;) {
        const answer = await fetch(`${remote}/workflow-instances/${encodeURIComponent(id)}/execution-state`);
        const state = answer.ok ? await answer.json() : null;
        // One whose strategy is to go on isn't faulted.
        button.hidden = !(state?.status === 'Running' && state.incidentCount > 0);
        if (state?.status !== 'Running')
            return;
        await new Promise(resolve => setTimeout(resolve, 5000));
    }
}

function report(text) {
    const line = document.getElementById('report');
    line.textContent = text;
    line.hidden = false;
}

function mark(page) {
    for (const link of document.querySelectorAll('[data-page]'))
        if (link.dataset.page === page)
            link.setAttribute('aria-current', 'page');
}

function tell(zh, en) {
    loading.hidden = true;
    const message = document.createElement('p');
    message.className = 'message';
    message.textContent = zh + ' ';
    const english = document.createElement('span');
    english.className = 'english';
    english.textContent = en;
    message.append(english);
    content.replaceChildren(message);
}

function go(path) {
    location.assign(base + path);
}

// Studio goes to another page by changing the address alone. Its elements don't stand a second one on the same page, so
// the page is loaded anew, which the browser's cache makes quick; a change of the query is Studio's own.
for (const method of ['pushState', 'replaceState']) {
    const original = history[method];
    history[method] = function (state, title, url) {
        const target = new URL(url ?? location.href, document.baseURI);
        if (target.origin === location.origin && target.pathname !== location.pathname)
            location.assign(target);
        else
            original.call(this, state, title, url);
    };
}

// Whoever's session has ended is asked to sign in again rather than shown a failing page.
const send = window.fetch;
window.fetch = async function (...parameters) {
    const response = await send.apply(this, parameters);
    if (response.status === 401 && response.url.startsWith(remote))
        location.assign(`${base}sign-in?to=${encodeURIComponent(location.pathname)}`);
    return isRemoval(response, parameters) ? explained(response) : response;
};

function isRemoval(response, [request, options]) {
    const method = options?.method ?? request.method ?? 'GET';
    return response.url.startsWith(remote) && (method === 'DELETE' && /\/workflow-instances\/[^/]+$/.test(response.url)
        || method === 'POST' && response.url.endsWith('/bulk-actions/delete/workflow-instances/by-id'));
}

/** Studio takes a refusal to remove instances for a fault of its own and says nothing of the reason. It is said here, and Studio goes on. */
async function explained(response) {
    const line = document.getElementById('report');
    line.hidden = true;
    if (response.status !== 400)
        return response;
    const problem = await response.clone().json().catch(() => null);
    if (problem === null)
        return response;
    report(problem.message);
    return response.url.includes('/bulk-actions/') ? Response.json({ deleted: problem.deleted ?? 0 }) : new Response(null, { status: 204 });
}

const styles = ['_content/MudBlazor/MudBlazor.min.css', '_content/CodeBeam.MudBlazor.Extensions/MudExtensions.min.css', '_content/Radzen.Blazor/css/material-base.css',
    '_content/Elsa.Studio.Shell/css/shell.css', 'Elsa.Studio.Host.CustomElements.styles.css'];
const scripts = ['_content/BlazorMonaco/jsInterop.js', '_content/BlazorMonaco/lib/monaco-editor/min/vs/loader.js', '_content/BlazorMonaco/lib/monaco-editor/min/vs/editor/editor.main.js',
    '_content/MudBlazor/MudBlazor.min.js', '_content/CodeBeam.MudBlazor.Extensions/MudExtensions.min.js', '_content/Radzen.Blazor/Radzen.Blazor.js', '_framework/blazor.webassembly.js'];

function load() {
    for (const href of styles) {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        document.head.append(link);
    }
    return Promise.all(scripts.map(src => new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = src;
        // In this order, though they are fetched at once.
        script.async = false;
        script.onload = resolve;
        script.onerror = () => reject(new Error(src));
        document.body.append(script);
    })));
}

let fail;
const loaded = new Promise((_, reject) => { fail = reject; });
loaded.catch(() => tell('流程设计器加载失败，请检查网络后重新加载页面。', 'Elsa Studio could not be loaded. Check the network and reload.'));
if (document.documentElement.dataset.installed === 'true') {
    load().catch(fail);
    show();
} else {
    tell('服务器上没有安装流程设计器：请运行 ./dev run，或在 Talent__StudioDir 中指定其文件夹。', 'Elsa Studio is not installed on this server: use ./dev run, or name its folder in Talent__StudioDir.');
}
