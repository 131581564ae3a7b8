// @vitest-environment jsdom
import { fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MetricCard } from "@/components/cards/metric-card";
import { ChartFrame } from "@/components/charts/chart-frame";
import { useMetric } from "@/components/live/hooks";
import { gauges } from "../support/live-channels";
import { renderLive } from "../support/render-live";

const { a } = gauges.metrics;

/** A chart with a mistake: it cannot show a number above 9. */
function Digit() {
  const { value } = useMetric(a);
  if (value! > 9) throw new Error("No place for two digits");
  return <p data-testid="digit">{value}</p>;
}

// React tells the console of every error, caught or not.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

it("a chart that fails says so in its frame, the rest of the page goes on, and trying again brings it back", async () => {
  const live = await renderLive(
    <>
      <ChartFrame title="Digit" name="digit" of={a} empty="" model={{ current: null }}>
        <Digit />
      </ChartFrame>
      <MetricCard metric={a} />
    </>,
    { channels: [gauges], before: ({ push }) => push(gauges, { a: 5, b: 1 }) },
  );
  expect(live.getByTestId("digit").textContent).toBe("5");
  await live.push(gauges, { a: 10 });
  const alert = live.getByRole("alert");
  expect(alert.textContent).toContain("Digit could not be shown");
  expect(live.getByTestId("chart-digit").contains(alert)).toBe(true);
  await live.push(gauges, { a: 7 });
  expect(live.getByTestId("metric-gauges-a").dataset.value).toBe("7");
  expect(live.getByRole("alert")).toBeTruthy();
  fireEvent.click(live.getByRole("button", { name: "Try again" }));
  expect(live.queryByRole("alert")).toBeNull();
  expect(live.getByTestId("digit").textContent).toBe("7");
});
