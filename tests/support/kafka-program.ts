import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "4.1.1";
const JAVA = 17;
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/nowboard-kafka", import.meta.url));
const LIBRARIES = join(CACHE, VERSION);
const FETCH_MS = 5 * 60_000;
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

const dependency = (group: string, artifact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>nowboard.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency("org.apache.kafka", "kafka_2.13", VERSION)}
    ${dependency("org.slf4j", "slf4j-simple", "1.7.36")}
  </dependencies>
</project>
`;

/**
 * The class path of a real Apache Kafka, which Maven brings the first time; or what is missing for one, in words. The
 * broker needs Java; there is no Debian package of it.
 */
export function findKafka(): { classPath: string } | { lacks: string } {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = Number(/version "(\d+)/.exec(java.stderr ?? "")?.[1] ?? 0);
  if (version < JAVA) return { lacks: `Java ${JAVA} or newer${version > 0 ? ` (this is ${version})` : ""}` };
  if (!existsSync(LIBRARIES)) {
    const failure = fetchLibraries();
    if (failure !== undefined) return { lacks: failure };
  }
  return { classPath: join(LIBRARIES, "*") };
}

/** Several test files may do it at the same time, so what is whole is moved to its place in one step. */
function fetchLibraries(): string | undefined {
  if (spawnSync("mvn", ["-version"]).status !== 0) return `Maven, to bring Kafka ${VERSION}`;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "fetch-"));
  try {
    writeFileSync(join(folder, "pom.xml"), POM);
    const target = join(folder, "lib");
    const args = ["-q", "-B", COPY, "-DincludeScope=runtime", `-DoutputDirectory=${target}`];
    const { status, stdout } = spawnSync("mvn", args, { cwd: folder, encoding: "utf8", timeout: FETCH_MS });
    if (status !== 0)
      return `org.apache.kafka:kafka_2.13:${VERSION}, which Maven did not bring: ${stdout.slice(0, 300)}`;
    if (!existsSync(LIBRARIES)) renameSync(target, LIBRARIES);
    return undefined;
  } catch (error) {
    return existsSync(LIBRARIES) ? undefined : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
