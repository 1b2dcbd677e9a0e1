// As Flutter's own loader chooses: the WebAssembly renderer where it is known to work.
function renderer() {
  const blink = navigator.vendor === 'Google Inc.' || navigator.userAgent.includes('Edg/');
  const collected = WebAssembly.validate(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 95, 1, 120, 0]));
  const canvas = document.createElement('canvas');
  const drawn = canvas.getContext('webgl2') || canvas.getContext('webgl');
  return blink && collected && drawn && typeof ImageDecoder !== 'undefined'
    && typeof Intl.v8BreakIterator !== 'undefined' ? 'skwasm' : 'canvaskit';
}
