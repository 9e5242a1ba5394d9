package dev.sardonyx.test.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.test.plan.Models.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each pass saves on each sample model: the table of {@code docs/passes.md}, which this test keeps fresh. */
class PassTableTest {
    private static final Path TABLE = Models.ROOT.resolve("docs").resolve("passes.md");
    private static final Protocol PROTOCOL = new Replicated3();

    @Test
    void theTableInTheDocumentsIsFresh() throws IOException {
        String table = table();
        if (Boolean.getBoolean("sardonyx.update")) {
            Files.writeString(TABLE, table);
        }
        assertEquals(table, Files.readString(TABLE), "docs/passes.md is stale; run this test with -Dsardonyx.update=true");
    }

    @Test
    void allPassesTogetherHalveLeNetsRoundsAndSaveAThirdOfItsBytes() {
        Named lenet = Models.sample("lenet");
        Cost on = cost(lenet, 1, Set.of());
        Cost off = cost(lenet, 1, new HashSet<>(ModelPlanner.passNames()));
        assertTrue(off.rounds() >= 2 * on.rounds(), off + " against " + on);
        assertTrue(off.bytes() >= 1.5 * on.bytes(), off + " against " + on);
        assertTrue(on.rounds() <= 60 && on.bytes() <= 600_000, on.toString());
    }

    private record Cost(int rounds, long bytes) {
    }

    private static Cost cost(Named model, int batch, Set<String> disabled) {
        PlanOptions options = PlanOptions.of(PROTOCOL, Map.of()).withDisabled(disabled);
        LanedPlan plans = model.plan(batch, options).plans();
        long busiest = Arrays.stream(PlanCost.bytesPerParty(plans, PROTOCOL)).max().orElseThrow();
        return new Cost(PlanCost.of(plans.plan(), PROTOCOL).rounds(), busiest);
    }

    private static String table() {
        var text = new StringBuilder("""
                # What each pass saves

                Predicted rounds and bytes (those of the busiest party, preprocessing and online) by protocol `replicated3`, planned for a LAN, with every
                pass on, with one switched off (`--disable-pass NAME`), and with all off. A pass that a model gives no work is left out of its table.
                Predictions equal measurements: `PredictedCostTest` holds them to it. This page is generated; `PassTableTest` with `-Dsardonyx.update=true` writes it.
                """);
        for (Named model : Models.samples()) {
            for (int batch : new int[] {1, 32}) {
                text.append("\n## `").append(model.name()).append("`, batch ").append(batch).append("\n\n");
                text.append("| Passes | Rounds | Bytes |\n|---|--:|--:|\n");
                Cost all = cost(model, batch, Set.of());
                row(text, "all on", all);
                for (String pass : ModelPlanner.passNames()) {
                    Cost without = cost(model, batch, Set.of(pass));
                    if (!without.equals(all)) {
                        row(text, "without `" + pass + "`", without);
                    }
                }
                row(text, "all off", cost(model, batch, new HashSet<>(ModelPlanner.passNames())));
            }
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Cost cost) {
        text.append(String.format(Locale.ROOT, "| %s | %d | %,d |%n", name, cost.rounds(), cost.bytes()).replace("\r\n", "\n"));
    }
}
