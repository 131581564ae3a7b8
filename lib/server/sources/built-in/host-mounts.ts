/** A file system that is mounted. */
export interface Mount {
  at: string;
  device: string;
  type: string;
  /** It is on another machine, which may not answer. */
  isRemote: boolean;
}

/** Types of file systems that hold data on a disk of this machine, or on another machine. */
const LOCAL =
  /^(ext[234]|xfs|btrfs|zfs|bcachefs|f2fs|jfs|nilfs2|reiserfs|ufs|apfs|hfsplus|v?fat|msdos|exfat|ntfs3?|fuseblk)$/;
const REMOTE =
  /^(nfs4?|cifs|smb3?|9p|virtiofs|ceph|afs|lustre|fuse\.(sshfs|glusterfs|ceph|s3fs|rclone|davfs))$/;
/** Where systems and containers mount parts of a disk that is also mounted elsewhere, or files. */
const INNER =
  /^\/(proc|sys|dev|etc|snap|run(?!\/media\/)|var\/(snap|lib\/(docker|containers|kubelet|snapd)))(\/|$)/;

/**
 * The lines of `/proc/mounts` that a person thinks of as disks: each device once, where it is mounted highest. The root
 * is always one, so that a container, whose root is an overlay, shows how full that is.
 */
export function parseMounts(text: string): Mount[] {
  // What is mounted later hides what was there before, whatever it is.
  const byPlace = new Map<string, Mount>();
  for (const line of text.split("\n")) {
    const [device = "", at = "", type = ""] = line.split(" ").map(unescaped);
    byPlace.set(at, { at, device, type, isRemote: REMOTE.test(type) });
  }
  const byDevice = new Map<string, Mount>();
  for (const mount of byPlace.values()) {
    const known = byDevice.get(mount.device);
    if (isDisk(mount) && (!known || mount.at.length < known.at.length)) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()];
}

function isDisk({ at, type, isRemote }: Mount): boolean {
  return at === "/" || ((isRemote || LOCAL.test(type)) && !INNER.test(at));
}

/** Spaces and the like stand there as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
