"""A recorder in trouble: a crash, a full disk, slices above the cap."""

import contextlib

from playwright.sync_api import Error

from tests.js_browser.fake_site import expected_chain
from tests.js_browser.test_recorder import FINISH, RECORDING, START, decode, open_page
from tests.js_browser.waiting import until, until_total

RESUME = """async (token) => {
  const { ChunkStore } = await import("/static/js/models/chunk_store.js");
  const { Uploader } = await import("/static/js/models/uploader.js");
  const store = await ChunkStore.open();
  const recovered = await store.recover();
  const uploader = new Uploader({ store, token: () => token });
  uploader.connect();
  await uploader.drained();
  return { recovered, statement: await store.statement(recovered[0].recording) };
}"""


def test_tab_that_crashed_offline_sends_everything_it_had_stored(site, chromium):
    page = open_page(chromium, site)
    page.evaluate(START, [RECORDING, site.token])
    until_total(page, "acknowledged", 1)
    site.down()
    stored = until_total(page, "pending", 3)["captured"]

    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=3000)
    site.up()
    end = chromium.open(site.url).evaluate(RESUME, site.token)

    chunks = site.chunks
    assert len(chunks) >= stored >= 4
    assert [chunk.chain for chunk in chunks] == expected_chain(chunks)
    segment = {"uuid": chunks[0].segment, "count": len(chunks)}
    owner = {"recording": RECORDING, "stream": "camera"}
    assert end["recovered"] == [{**segment, **owner}]
    mime = "video/webm;codecs=vp8,opus"
    assert end["statement"] == [{**segment, "mime": mime, "head": chunks[-1].chain}]
    assert decode(chunks)["video"] > 0


def test_full_disk_while_offline_keeps_slices_until_there_is_room(site, chromium):
    page = open_page(chromium, site)
    devtools = page.context.new_cdp_session(page)
    quota = {"origin": site.url, "quotaSize": 300_000}
    devtools.send("Storage.overrideQuotaForOrigin", quota)
    page.evaluate(START, [RECORDING, site.token])
    page.evaluate(
        """() => {
          for (const name of ["strain", "relief"]) {
            window.exam.recorder.addEventListener(name, () => window.exam.log.push(name));
          }
        }"""
    )
    until_total(page, "acknowledged", 1)
    site.down()

    until(page, "window.exam.log.includes('strain')")
    page.wait_for_timeout(1000)
    waiting = page.evaluate("window.exam.recorder.waiting")
    site.up()
    page.evaluate("window.exam.uploader.kick()")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site.url})
    end = page.evaluate(FINISH)

    assert waiting >= 1
    assert "relief" in end["log"]
    assert [chunk.digest for chunk in site.chunks] == end["captured"]
    assert [chunk.chain for chunk in site.chunks] == expected_chain(site.chunks)
    assert end["totals"]["acknowledged"] == len(site.chunks)


def test_slices_above_the_cap_go_in_parts_that_join_again(site, chromium):
    page = open_page(chromium, site)
    start = START.replace("sliceMs: 500", "sliceMs: 500, maxBytes: 4000")

    page.evaluate(start, [RECORDING, site.token])
    until_total(page, "captured", 20)
    end = page.evaluate(FINISH)

    sizes = [len(chunk.body) for chunk in site.chunks]
    assert max(sizes) == 4000
    assert len(sizes) > len(end["captured"])
    assert [chunk.chain for chunk in site.chunks] == expected_chain(site.chunks)
    spans = [chunk.span for chunk in site.chunks]
    ends = [begin + length for begin, length in spans]
    assert [begin for begin, _ in spans] == [0, *ends[:-1]]
    assert decode(site.chunks)["video"] > 0
