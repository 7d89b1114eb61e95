"""Devices and the widgets that show them, with Chromium's own test camera."""


def test_camera_screen_and_lists_are_given_typed(site, chromium):
    page = chromium.open(site.url)

    found = page.evaluate(
        """async () => {
          const devices = await import("/static/js/models/devices.js");
          const facts = await import("/static/js/models/browser_facts.js");
          const camera = await devices.openCamera();
          const screen = await devices.openScreen();
          const lists = await devices.listDevices();
          const surface = devices.surfaceOf(screen);
          devices.stopStream(camera);
          const missing = await devices.openCamera({ videoId: "nobody" }).catch((e) => e.code);
          return { kinds: camera.getTracks().map((track) => track.kind).sort(), surface,
            silent: screen.getAudioTracks().length, missing,
            cameras: lists.cameras.length > 0, microphones: lists.microphones.length > 0,
            ended: camera.getTracks().map((track) => track.readyState),
            able: facts.capabilities() };
        }"""
    )

    able = found.pop("able")
    assert found == {
        "kinds": ["audio", "video"],
        "surface": "monitor",
        "silent": 0,
        "missing": "missing",
        "cameras": True,
        "microphones": True,
        "ended": ["ended", "ended"],
    }
    needed = ("secure", "mediaRecorder", "camera", "screen", "locks", "indexedDB")
    assert {name: able[name] for name in needed} == dict.fromkeys(needed, True)


def test_refused_camera_is_a_typed_failure(site, chromium):
    page = chromium.open(site.url)
    page.evaluate(
        """() => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(
            new DOMException("no", "NotAllowedError"));
          navigator.mediaDevices.getDisplayMedia = () => Promise.reject(
            new DOMException("no", "NotAllowedError"));
        }"""
    )

    codes = page.evaluate(
        """async () => {
          const { openCamera, openScreen } = await import("/static/js/models/devices.js");
          return [await openCamera().catch((e) => e.code), await openScreen().catch((e) => e.code)];
        }"""
    )

    assert codes == ["denied", "cancelled"]


def test_shared_tab_is_given_back_when_the_whole_screen_is_asked(site, chromium):
    page = chromium.open(site.url)

    result = page.evaluate(
        """async () => {
          const { openScreen } = await import("/static/js/models/devices.js");
          const real = await navigator.mediaDevices.getDisplayMedia({ video: true });
          const [track] = real.getVideoTracks();
          track.getSettings = () => ({ displaySurface: "browser" });
          navigator.mediaDevices.getDisplayMedia = async () => real;
          const code = await openScreen().catch((error) => error.code);
          return [code, track.readyState];
        }"""
    )

    assert result == ["not_monitor", "ended"]


def test_volume_meter_follows_the_microphone_and_tells_the_word(site, chromium):
    page = chromium.open(site.url)

    seen = page.evaluate(
        """async () => {
          const { openCamera } = await import("/static/js/models/devices.js");
          const { VolumeMeter } = await import("/static/js/widgets/volume_meter.js");
          const element = document.createElement("div");
          const word = document.createElement("span");
          Object.assign(word.dataset, { silent: "安静", good: "正常", loud: "偏大" });
          document.body.append(element, word);
          const meter = new VolumeMeter({ element, word, mediaStream: await openCamera() });
          const words = { silent: "安静", good: "正常", loud: "偏大" };
          const faults = [];
          let most = 0;
          meter.addEventListener("level", ({ detail }) => {
            const lit = element.querySelectorAll(".on").length;
            if (lit !== detail.level) faults.push([lit, detail.level]);
            if (word.textContent !== words[detail.word]) faults.push(word.textContent);
            if (element.getAttribute("aria-valuenow") !== String(lit)) faults.push("aria");
            most = Math.max(most, detail.level);
          });
          meter.connect();
          await new Promise((resolve) => setTimeout(resolve, 2500));
          meter.disconnect();
          return { cells: element.children.length, faults, heard: most > 4 };
        }"""
    )

    assert seen == {"cells": 20, "faults": [], "heard": True}


def test_preview_plays_and_gives_a_still(site, chromium):
    page = chromium.open(site.url)

    still = page.evaluate(
        """async () => {
          const { openCamera } = await import("/static/js/models/devices.js");
          const { CameraPreview } = await import("/static/js/widgets/camera_preview.js");
          const { once } = await import("/static/js/helpers/events.js");
          const element = document.querySelector("video");
          const preview = new CameraPreview({ element, mediaStream: await openCamera() });
          preview.connect();
          const { width, height } = await once(preview, "playing");
          const blob = await preview.snapshot({ width: 320 });
          const picture = await createImageBitmap(blob);
          preview.disconnect();
          return [width, height, blob.type, picture.width, picture.height, element.srcObject];
        }"""
    )

    assert still == [640, 480, "image/jpeg", 320, 240, None]


def test_upload_ranges_are_bars_and_a_label(site, chromium):
    page = chromium.open(site.url)

    drawn = page.evaluate(
        """async () => {
          const { UploadRanges } = await import("/static/js/widgets/upload_ranges.js");
          const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
          element.dataset.labelComplete = "全部收到";
          element.dataset.labelPartial = "{total} 片中收到 {have} 片";
          document.body.append(element);
          const ranges = new UploadRanges({ element });
          ranges.draw({ total: 10, have: [[0, 4], [6, 7]], sending: [[8, 9]], gaps: [[5, 5]] });
          const bars = Array.from(element.children, (bar) =>
            [bar.getAttribute("class"), bar.getAttribute("x"), bar.getAttribute("width")]);
          const partial = element.getAttribute("aria-label");
          ranges.draw({ total: 2, have: [[0, 1]] });
          return { bars, partial, complete: element.getAttribute("aria-label"),
            box: element.getAttribute("viewBox") };
        }"""
    )

    assert drawn == {
        "bars": [
            ["have", "0", "5"],
            ["have", "6", "2"],
            ["sending", "8", "2"],
            ["gap", "5", "1"],
        ],
        "partial": "10 片中收到 7 片",
        "complete": "全部收到",
        "box": "0 0 2 10",
    }
