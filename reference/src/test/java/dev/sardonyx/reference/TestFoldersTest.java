package dev.sardonyx.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.reference.files.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFoldersTest {
    @TempDir
    Path root;

    @Test
    void casesAreFoundAtAnyDepthWithTheirDataSetsInOrder() throws IOException {
        for (String file : List.of("a/b/model.onnx", "a/b/test_data_set_10/input_0.pb", "a/b/test_data_set_2/input_0.pb", "a/b/test_data_set_2/input_2.pb",
                "a/b/test_data_set_2/output_0.pb", "a/b/notes/input_0.pb", "c/model.onnx", "c/readme.txt")) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.createFile(root.resolve(file));
        }
        List<TestFolders.Case> cases = TestFolders.find(List.of(root));
        assertEquals(List.of(root.resolve("a/b"), root.resolve("c")), cases.stream().map(TestFolders.Case::folder).toList());
        List<TestFolders.DataSet> dataSets = cases.getFirst().dataSets();
        assertEquals(List.of("test_data_set_2", "test_data_set_10"), dataSets.stream().map(set -> set.folder().getFileName().toString()).toList());
        assertEquals(Set.of(0, 2), dataSets.getFirst().inputs().keySet());
        assertEquals(Set.of(0), dataSets.getFirst().outputs().keySet());
        assertEquals(List.of(), cases.get(1).dataSets());
    }

    @Test
    void foldersWithoutCasesAreRefused() {
        assertEquals(InputException.Kind.UNREADABLE, assertThrows(InputException.class, () -> TestFolders.find(List.of(root))).kind());
        assertThrows(InputException.class, () -> TestFolders.find(List.of(root.resolve("absent"))));
    }
}
