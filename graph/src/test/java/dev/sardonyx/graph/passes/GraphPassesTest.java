package dev.sardonyx.graph.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.Graph;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GraphPassesTest {
    static LongStream seeds() {
        return Draw.seeds(60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyPassAloneKeepsTheMeaningOfRandomGraphs(long seed) {
        Graph graph = RandomGraph.draw(new Draw(seed));
        for (GraphPass pass : GraphPasses.ALL) {
            Graphs.rewritten(pass, graph, new Draw(seed));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void allPassesTogetherAndAnySubsetKeepTheMeaningOfRandomGraphs(long seed) {
        var draw = new Draw(seed);
        Graph graph = RandomGraph.draw(draw);
        Graphs.assertSameMeaning(graph, GraphPasses.apply(graph, Set.of()).graph(), draw);
        var disabled = new HashSet<>(GraphPasses.names());
        disabled.removeIf(_ -> draw.coin());
        Graphs.assertSameMeaning(graph, GraphPasses.apply(graph, disabled).graph(), draw);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aPassHasNothingLeftToDoAfterItself(long seed) {
        Graph graph = RandomGraph.draw(new Draw(seed));
        for (GraphPass pass : GraphPasses.ALL) {
            Graph once = pass.apply(graph);
            assertSame(once, pass.apply(once), pass.name());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void passesDecideAlikeWhateverTheSecretConstantsAre(long seed) {
        Graph graph = RandomGraph.draw(new Draw(seed));
        Graph other = Secrets.redrawn(graph, new Draw(seed + 1));
        Graph zeros = Secrets.zeroed(graph);
        var structure = Secrets.structure(GraphPasses.apply(graph, Set.of()).graph());
        assertEquals(structure, Secrets.structure(GraphPasses.apply(other, Set.of()).graph()));
        assertEquals(structure, Secrets.structure(GraphPasses.apply(zeros, Set.of()).graph()));
    }

    @Test
    void randomGraphsGiveEveryPassSomethingToDo() {
        for (GraphPass pass : GraphPasses.ALL) {
            long changed = LongStream.range(0, 300).mapToObj(seed -> RandomGraph.draw(new Draw(seed))).filter(graph -> pass.apply(graph) != graph)
                    .count();
            assertTrue(changed >= 5, () -> pass.name() + " changed " + changed + " of 300 graphs");
        }
    }

    @Test
    void disabledPassesAreSkippedAndSaidSo() {
        Graph graph = RandomGraph.draw(new Draw(1));
        GraphPasses.Result result = GraphPasses.apply(graph, Set.copyOf(GraphPasses.names()));
        assertSame(graph, result.graph());
        assertTrue(result.effects().stream().noneMatch(effect -> effect.enabled() || effect.changed()));
        assertEquals(GraphPasses.names(), result.effects().stream().map(effect -> effect.pass().name()).toList());
    }

    @Test
    void unknownPassesAreRefusedWithTheKnownOnesListed() {
        Graph graph = RandomGraph.draw(new Draw(1));
        var error = assertThrows(IllegalArgumentException.class, () -> GraphPasses.apply(graph, Set.of("dead-code", "no-such")));
        assertTrue(error.getMessage().startsWith("unknown passes [no-such]; known are constant-folding, "), error.getMessage());
    }

    @Test
    void namesAreUniqueAndDescriptionsThere() {
        assertEquals(GraphPasses.ALL.size(), new HashSet<>(GraphPasses.names()).size());
        assertFalse(GraphPasses.ALL.stream().anyMatch(pass -> pass.description().isBlank()));
    }
}
