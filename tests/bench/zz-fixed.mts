import { readdirSync, readFileSync } from "node:fs";
import { execSync } from "node:child_process";
import { openLab } from "./lab";
const sleep=(ms:number)=>new Promise(r=>setTimeout(r,ms));
for (const [peer, perSecond, staggered] of [["nowboard",10,false],["nowboard",10,true],["nowboard",1,true],["socket.io",10,false],["nowboard",0.1,false]] as any) {
  const lab = await openLab(peer, { kind: "record", channels: 8, perSecond, staggered }, []);
  await lab.server.ask("publish", null);
  await sleep(4000);
  const pid = execSync(`pgrep -f server-${peer.replace(".","-")}.ts`).toString().trim().split("\n").pop()!;
  const read=()=>Object.fromEntries(readdirSync(`/proc/${pid}/task`).map(t=>{const f=readFileSync(`/proc/${pid}/task/${t}/stat`,"utf8"); const a=f.slice(f.lastIndexOf(")")+2).split(" "); return [t+f.slice(f.indexOf("("),f.lastIndexOf(")")+1), [ +a[11]!*10, +a[12]!*10 ]]}));
  const b=await lab.server.ask("usage",{collect:false}); const t0=read();
  await sleep(10000);
  const a=await lab.server.ask("usage",{collect:false}); const t1=read();
  console.log(peer, perSecond, staggered, "cpu ms/s", (a.cpuUs-b.cpuUs)/1e4, "published/s",(a.published-b.published)/10);
  for (const k of Object.keys(t1)) { const d=[(t1[k]![0]!-(t0[k]?.[0]??0))/10,(t1[k]![1]!-(t0[k]?.[1]??0))/10]; if (d[0]!+d[1]!>0) console.log("   ",k,"user ms/s",d[0],"sys",d[1]); }
  await lab.close();
}
