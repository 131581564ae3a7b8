import type { Metadata } from "next";
import { readExample } from "@/app/_server/example-source";
import { Faulty } from "@/components/gallery/faulty";
import { GalleryLinks } from "@/components/gallery/gallery-links";
import { GalleryStage } from "@/components/gallery/gallery-stage";
import { GALLERY_STATES, galleryState } from "@/components/gallery/gallery-state";
import { CopyLine } from "@/components/ui/copy-line";
import { WidgetBoundary } from "@/components/ui/widget-boundary";
import { DashboardPage, type PageProps } from "../../dashboard-page";
import { EXAMPLES } from "./examples";

export const metadata: Metadata = { title: "Widgets" };

/** When it is while time stands still, so that two pictures are the same. */
const STILL = Date.UTC(2027, 0, 15, 12);

export default async function WidgetsPage({ searchParams }: PageProps) {
  const query = await searchParams;
  const still = query.still !== undefined;
  const isPhone = query.width === "phone";
  const state = galleryState([query.state].flat()[0]);
  const { about } = GALLERY_STATES.find(({ name }) => name === state)!;
  return (
    <DashboardPage searchParams={searchParams} title="Widgets" timeless channels={[]}>
      <GalleryLinks state={state} still={still} isPhone={isPhone} />
      {isPhone ? (
        <iframe
          title="The gallery on a phone"
          src={`/docs/widgets?state=${state}${still ? "&still" : ""}`}
          className="mx-auto h-211 w-97.5 max-w-full rounded-card border border-line-strong"
        />
      ) : (
        <GalleryStage key={state} state={state} now={still ? STILL : Date.now()} still={still} about={about}>
          {EXAMPLES.map((example) => (
            <Widget key={example.name} {...example} isFaulty={state === "error"} />
          ))}
        </GalleryStage>
      )}
    </DashboardPage>
  );
}

type WidgetProps = (typeof EXAMPLES)[number] & { isFaulty: boolean };

/** A widget in both themes, beside its code. */
async function Widget({ name, title, about, Example, isCard, isFaulty }: WidgetProps) {
  const code = await readExample(name);
  return (
    <section
      id={name}
      aria-label={title}
      className="flex min-w-0 flex-col gap-3 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <div>
        <h2 className="font-medium">{title}</h2>
        <p className="text-soft">{about}</p>
      </div>
      <div
        className={`grid grid-cols-[minmax(0,1fr)] items-start gap-3 ${isCard ? "md:grid-cols-2 xl:grid-cols-[18rem_18rem_minmax(0,1fr)]" : "xl:grid-cols-2"}`}
      >
        {(["light", "dark"] as const).map((theme) => (
          <div
            key={theme}
            data-theme={theme}
            className={`${theme} min-w-0 rounded-card border border-line bg-canvas p-3 text-ink`}
          >
            <WidgetBoundary title={title}>
              {isFaulty ? (
                <Faulty>
                  <Example />
                </Faulty>
              ) : (
                <Example />
              )}
            </WidgetBoundary>
          </div>
        ))}
        <div className={isCard ? "md:max-xl:col-span-2" : "xl:col-span-2"}>
          <CopyLine text={code.trim()} name={name} />
        </div>
      </div>
    </section>
  );
}
