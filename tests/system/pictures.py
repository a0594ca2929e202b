"""Shows HTML files in headless Chromium, at phone and desk width, in the light
and the dark scheme, keeps a picture of each, and tells what is wrong with them:
text that runs out of the page, glyphs no font has, ink too pale for its paper.

usage: pictures.py CHROMIUM FOLDER    (FOLDER/*.html -> FOLDER/*.png)

One browser takes all pictures, spoken to by a pipe.  It can reach no network:
every request but that of the page is answered here.  Detectors that cannot
find a planted fault prove nothing, so planted ones are looked for first.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

WIDTHS = (360, 1024)
SCHEMES = ("light", "dark")
LIMIT_SECONDS = 150

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="520">'
    '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
    '<stop offset="0" stop-color="#1d3b53"/>'
    '<stop offset="1" stop-color="#c98b5e"/></linearGradient></defs>'
    '<rect width="1200" height="520" fill="url(#g)"/>'
    '<circle cx="930" cy="150" r="70" fill="#f6e6c8"/>'
    '<path d="M0 520L280 240 470 420 700 180 1200 520Z" fill="#12263a"/>'
    "</svg>")

# What is measured within the page.  Contrast is WCAG 2, of every piece of text
# with the paper that lies below it.  A glyph is missing when it is painted as
# a character is that no font can have.
MEASURE = r"""
(() => {
  const found = [];
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92
                                             : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) +
                         0.0722 * channel(c[2]);
  const parse = s => {
    const m = s.match(/rgba?\(([^)]*)\)/)[1].split(/[ ,/]+/).map(Number);
    return m.length < 4 ? [...m, 1] : m;
  };
  const over = (top, below) =>
    [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const paper = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement)
      layers.push(parse(getComputedStyle(e).backgroundColor));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((below, top) => over(top, below),
        dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 48;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const painted = new Map();
  const paint = (text, font) => {
    const key = font + text;
    if (painted.has(key)) return painted.get(key);
    pen.clearRect(0, 0, 48, 48);
    pen.font = font;
    pen.fillText(text, 4, 36);
    const data = pen.getImageData(0, 0, 48, 48).data;
    let all = '' + pen.measureText(text).width + ':';
    for (let i = 3; i < data.length; i += 4) all += data[i] ? '1' : '0';
    painted.set(key, all);
    return all;
  };
  const invisible = /^[\p{Z}\p{Cc}\p{Cf}\p{M}]$/u;
  let texts = 0, worst = 99;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const element = node.parentElement, style = getComputedStyle(element);
    const range = document.createRange();
    range.selectNodeContents(node);
    if (!node.data.trim() || !range.getClientRects().length ||
        style.visibility != 'visible')
      continue;
    if (element.closest('script,style')) continue;
    texts++;
    const back = paper(element), ink = over(parse(style.color), back);
    const a = luminance(ink) + 0.05, b = luminance(back) + 0.05;
    const ratio = a > b ? a / b : b / a;
    worst = Math.min(worst, ratio);
    if (ratio < 4.5)
      found.push(`contrast ${ratio.toFixed(2)}: ${node.data.trim().slice(0, 30)}`);
    for (const rect of range.getClientRects())
      if (rect.right > innerWidth + 0.5 || rect.left < -0.5) {
        found.push(`outside: ${node.data.trim().slice(0, 30)}`);
        break;
      }
    const font = `${style.fontStyle} ${style.fontWeight} 24px ${style.fontFamily}`;
    for (const c of new Set(node.data))
      if (!invisible.test(c) && paint(c, font) == paint('\u{10ffff}', font))
        found.push(`no glyph: U+${c.codePointAt(0).toString(16)}`);
  }
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) found.push(`page is ${width} wide`);
  for (const image of document.images) {
    if (!image.complete || !image.naturalWidth) found.push('image not loaded');
    if (!image.alt) found.push('image without alt');
  }
  if (!document.documentElement.lang) found.push('no language');
  if (!document.documentElement.dir) found.push('no direction');
  return JSON.stringify({found, texts, worst,
      height: Math.ceil(document.documentElement.scrollHeight)});
})()
"""

PLANTED = (
    ("no glyph: U+378", "<p>&#x378;</p>"),
    ("contrast 2.32", '<p style="color:#aaaaaa;background:#ffffff">pale</p>'),
    ("page is ", '<div style="width:2000px">wide</div>'),
    ("outside: wide", '<div style="position:absolute;left:-40px">wide</div>'),
    ("image without alt", '<img src="https://www.example.jp/a.svg">'),
)


class Browser:
    def __init__(self, program):
        self.dir = tempfile.mkdtemp(prefix="sekisho-pictures-")
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        # the browser reads at 3 and writes at 4
        high = [os.dup2(to_read, 40, False), os.dup2(back_write, 41, False)]
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--remote-debugging-pipe",
             "--no-first-run", "--disable-extensions", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-default-apps", "--mute-audio",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--lang=ja",
             "--force-device-scale-factor=1",
             "--user-data-dir=" + self.dir, "about:blank"],
            preexec_fn=lambda: (os.dup2(40, 3), os.dup2(41, 4)),
            pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.dir, "XDG_CONFIG_HOME": self.dir,
                 "XDG_CACHE_HOME": self.dir})
        os.close(to_read)
        os.close(back_write)
        for fd in high:
            os.close(fd)
        self.timer = threading.Timer(LIMIT_SECONDS, self.process.kill)
        self.timer.start()
        self.number = 0
        self.rest = b""
        self.events = []
        self.session = None

    def read(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise SystemExit("pictures: the browser has ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        wanted = self.number
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            got = self.read()
            if got.get("id") == wanted:
                if "error" in got:
                    raise SystemExit(f"pictures: {method}: {got['error']}")
                return got["result"]
            if got.get("method") == "Fetch.requestPaused":
                self.answer(got["params"])
            elif "method" in got:
                self.events.append(got["method"])

    def answer(self, paused):
        """The page itself passes, pictures are ours, all else fails."""
        url = paused["request"]["url"]
        message = {"id": 0, "sessionId": self.session, "params": {
            "requestId": paused["requestId"]}}
        if url.startswith("file:"):
            message["method"] = "Fetch.continueRequest"
        elif paused["resourceType"] == "Image":
            message["method"] = "Fetch.fulfillRequest"
            message["params"].update(
                responseCode=200,
                responseHeaders=[{"name": "Content-Type",
                                  "value": "image/svg+xml"}],
                body=base64.b64encode(PICTURE.encode()).decode())
        else:
            message["method"] = "Fetch.failRequest"
            message["params"]["errorReason"] = "Failed"
        os.write(self.to, json.dumps(message).encode() + b"\0")

    def open(self):
        target = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=target["targetId"])["sessionId"]
        self.call("Page.enable")
        self.call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def show(self, path, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="screen", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while "Page.loadEventFired" not in self.events:
            got = self.read()
            if got.get("method") == "Fetch.requestPaused":
                self.answer(got["params"])
            elif "method" in got:
                self.events.append(got["method"])

    def measure(self):
        result = self.call("Runtime.evaluate", expression=MEASURE)
        if "exceptionDetails" in result:
            raise SystemExit(f"pictures: {result['exceptionDetails']}")
        return json.loads(result["result"]["value"])

    def picture(self, path, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))

    def close(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def prove(browser, folder):
    """Each planted fault must be found, and nothing in a page without."""
    path = os.path.join(folder, ".planted.html")
    frame = ('<!DOCTYPE html><html lang="en" dir="ltr">'
             '<meta charset="utf-8"><body>%s<p>text</p></body></html>')
    failed = 0
    for wanted, body in PLANTED + ((None, "<p>good 東京 😀</p>"),):
        with open(path, "w", encoding="utf-8") as out:
            out.write(frame % body)
        browser.show(path, 360, 400, "light")
        found = browser.measure()["found"]
        good = not found if wanted is None else \
            any(line.startswith(wanted) for line in found)
        if not good:
            print(f"pictures: planted {wanted!r} gave {found}")
            failed = 1
    os.unlink(path)
    return failed


def main():
    program, folder = sys.argv[1:3]
    browser = Browser(program)
    try:
        browser.open()
        failed = prove(browser, folder)
        names = sorted(n for n in os.listdir(folder) if n.endswith(".html"))
        for name in names:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    browser.show(os.path.join(folder, name), width, 800,
                                 scheme)
                    got = browser.measure()
                    picture = f"{name[:-5]}-{width}-{scheme}.png"
                    browser.picture(os.path.join(folder, picture), width,
                                    got["height"])
                    print(f"{picture}: {got['texts']} texts, least contrast "
                          f"{got['worst']:.2f}")
                    for line in got["found"]:
                        print(f"{picture}: {line}")
                        failed = 1
                    if got["texts"] < 10:
                        print(f"{picture}: hardly any text")
                        failed = 1
        if not names:
            print("pictures: no page")
            failed = 1
        return failed
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
