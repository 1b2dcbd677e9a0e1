// What Python needs of this browser to keep things on the device. Imported by worker.js, and by
// Python as `quittance_device`.
export const version = 1;
