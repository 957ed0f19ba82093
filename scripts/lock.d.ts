export function lock(path: string, onWait?: () => void): Promise<() => void>
