// Reads the number that is written into each picture of the fake camera: where the camera gives it, and where the page
// shows it. Runs in the frame of the stream, before anything else.
(() => {
    const BITS = 12, BAND = 16 / 480;
    const FOOT = 8;  // rows of the page's own code, below the picture; a bare page has none
    const DARK = 3 * 60;  // the page darkens what lies outside of the region of interest, the number with it
    const given = new Map();
    const shown = [];

    const reader = () => {
        const canvas = new OffscreenCanvas(BITS * 4, 4);
        const context = canvas.getContext("2d", { willReadFrequently: true });
        return (source, width, height) => {
            const wide = Math.min(width, (height * 4) / 3);  // the middle part: a browser may have cut off the rest
            context.drawImage(source, (width - wide) / 2, 0, wide, height * BAND, 0, 0, canvas.width, canvas.height);
            const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let number = 0;
            for (let bit = 0; bit < BITS; bit += 1) {
                const at = 4 * (canvas.width + bit * 4 + 2);
                number = number * 2 + (pixels[at] + pixels[at + 1] + pixels[at + 2] > DARK ? 1 : 0);
            }
            return number;
        };
    };

    // The film begins again and again. Of a number that was passed over this time only the time before is known: those
    // just before it were given since.
    const wasSeen = (number) => given.has(number) && ![1, 2, 3].some((back) => given.get(number - back) > given.get(number));

    async function watchCamera(track) {
        const read = reader();
        const frames = new MediaStreamTrackProcessor({ track }).readable.getReader();
        for (;;) {
            const { done, value } = await frames.read();
            if (done) return;
            const number = read(value, value.displayWidth, value.displayHeight);
            value.close();
            given.set(number, performance.now());
        }
    }

    function watchPage(video) {
        const read = reader();
        const look = () => {
            const at = performance.now(), number = read(video, video.videoWidth, video.videoHeight - FOOT);
            shown.push([number, wasSeen(number) ? at - given.get(number) : null]);
            video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
    }

    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await original(wanted);
        watchCamera(stream.getVideoTracks()[0].clone());
        return stream;
    };

    // What the page is told of its delay, in seconds.
    const said = [], ask = window.fetch;
    window.fetch = async (address, options) => {
        const response = await ask(address, options);
        if (String(address).endsWith("/live")) response.clone().json().then(({ delay }) => delay && said.push(delay), () => {});
        return response;
    };

    // From now on for so many milliseconds: [delays in ms, seconds, new pictures].
    window.bench = {
        said,
        watch: () => watchPage(document.querySelector("video")),
        measure: async (milliseconds) => {
            shown.length = 0;
            const start = performance.now();
            await new Promise((done) => setTimeout(done, milliseconds));
            const seconds = (performance.now() - start) / 1000;
            const fresh = shown.filter(([number], place) => place === 0 || number !== shown[place - 1][0]);
            const delays = fresh.map(([, delay]) => delay).filter((delay) => delay !== null);
            return [delays, seconds, fresh.length];
        },
    };
})();
