using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Models in several GGUF files: written, read back, interrupted, and the ways in which files can disagree.</summary>
public sealed class SplitTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private ModelWriter Writer(ModelFile model, long? splitBytes) =>
        new(
            model,
            QuantizationPlan.Make(model, new() { Format = SmallModels.Catalog["q4_0"] }, ModelContainer.Gguf).Tensors,
            ModelContainer.Gguf,
            splitBytes
        );

    /// <summary>Quantised into three files: the large matrix alone, the small one, the rest.</summary>
    private void WriteSplit(ModelWriteOptions? options = null)
    {
        SmallModels.Write(_scratch["model.safetensors"]);
        using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        Writer(model, 20_000).Write(_scratch["m.gguf"], options ?? new());
    }

    private string Part(int number) => _scratch[$"m-0000{number}-of-00003.gguf"];

    [Fact]
    public void Files_are_what_the_specification_and_llama_cpp_say()
    {
        WriteSplit();
        Assert.Equal(["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf", "model.safetensors"], _scratch.Files);
        for (int number = 1; number <= 3; number++)
        {
            var spec = new GgufSpec(File.ReadAllBytes(Part(number)));
            Assert.Equal(
                ((ushort)(number - 1), (ushort)3, 4),
                ((ushort)spec.Metadata["split.no"], (ushort)spec.Metadata["split.count"], (int)spec.Metadata["split.tensors.count"])
            );
            Assert.Equal(number == 1, spec.Metadata.ContainsKey("general.quantization_version")); // the model's metadata are in the first file
            Assert.NotEmpty(spec.Tensors);
        }
    }

    [Fact]
    public void Any_file_or_the_folder_opens_the_model_which_is_that_of_one_file()
    {
        WriteSplit();
        using ModelFile original = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        Writer(original, null).Write(_scratch["one.gguf.tmp"], new());
        using ModelFile one = ModelFile.Open(_scratch["one.gguf.tmp"], SmallModels.Catalog);
        File.Delete(_scratch["model.safetensors"]);
        foreach (string path in new[] { Part(1), Part(2), Part(3), Path.GetDirectoryName(Part(1))! })
        {
            using ModelFile split = ModelFile.Open(path, SmallModels.Catalog);
            Assert.Equal("GGUF v3, 3 files", split.Container);
            Assert.True(split.IsGguf);
            Assert.Equal(one.Tensors.Select(tensor => tensor.Name), split.Tensors.Select(tensor => tensor.Name));
            Assert.All(one.Tensors, tensor => Assert.Equal(SmallModels.Bytes(tensor), SmallModels.Bytes(split[tensor.Name])));
            Assert.Equal(
                one.Metadata.Select(entry => (entry.Key, entry.Value.ToString())),
                split.Metadata.Select(entry => (entry.Key, entry.Value.ToString()))
            );
        }
        using ModelFile again = ModelFile.Open(Part(2), SmallModels.Catalog);
        new ModelWriter(again, QuantizationPlan.Unchanged(again, ModelContainer.Gguf).Tensors, ModelContainer.Gguf).Write(
            _scratch["joined"],
            new()
        );
        Assert.Equal(File.ReadAllBytes(_scratch["one.gguf.tmp"]), File.ReadAllBytes(_scratch["joined"]));
    }

    [Fact]
    public void Interrupted_work_is_continued_even_if_only_names_were_missing()
    {
        WriteSplit();
        byte[][] whole = [.. Enumerable.Range(1, 3).Select(number => File.ReadAllBytes(Part(number)))];
        using var cancellation = new CancellationTokenSource();
        int chunks = 0;
        var interrupted = new ModelWriteOptions
        {
            Overwrite = true,
            Threads = 1,
            Cancellation = cancellation.Token,
            Progress = (_, _) =>
            {
                if (++chunks == 2)
                {
                    cancellation.Cancel();
                }
            },
        };
        Assert.Throws<OperationCanceledException>(() => WriteSplit(interrupted));
        Enumerable.Range(1, 3).ToList().ForEach(number => File.Delete(Part(number)));
        Assert.Contains("Continue it with --resume", Assert.Throws<IOException>(() => Resume(false)).Message, StringComparison.Ordinal);
        Assert.InRange(Resume(true), 1, long.MaxValue);
        Assert.Equal(whole, Enumerable.Range(1, 3).Select(number => File.ReadAllBytes(Part(number))));

        // Killed while names were given: the last file has its own, the journals are there still.
        Assert.Throws<OperationCanceledException>(() => WriteSplit(interrupted with { Cancellation = new(canceled: true) }));
        File.Delete(Part(1));
        File.Delete(Part(2));
        File.Move(Part(3) + ".partial", Part(3), overwrite: true);
        Resume(true);
        Assert.Equal(whole, Enumerable.Range(1, 3).Select(number => File.ReadAllBytes(Part(number))));
        Assert.DoesNotContain(_scratch.Files, file => file.Contains("partial", StringComparison.Ordinal));

        long Resume(bool resume)
        {
            using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
            return Writer(model, 20_000).Write(_scratch["m.gguf"], new() { Resume = resume }).Reused;
        }
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_refused()
    {
        WriteSplit();
        byte[] second = File.ReadAllBytes(Part(2));
        Refused("it is one of 3 files, and m-00002-of-00003.gguf is not next to it", () => File.Delete(Part(2)));
        Refused("split.no is 2; it is 1 by its name", () => File.Copy(Part(3), Part(2), overwrite: true));
        Refused("it is in m-00001-of-00003.gguf too; a model has one tensor of a name", () => Copy(1, "split.no", [0, 0], [1, 0]));
        Refused("split.tensors.count is 5; it is 4 tensors in all files", () => Copy(2, "split.tensors.count", [4, 0, 0, 0], [5, 0, 0, 0]));
        Refused("split.count is 4; it is 3 files", () => Copy(2, "split.count", [3, 0], [4, 0]));
        Refused("split.count is missing, but the model is in several files", () => Copy(2, "split.count", [], [], newKey: "split.comnt"));
        File.WriteAllBytes(Part(2), second);
        File.Copy(Part(1), _scratch["other.gguf"]);
        Assert.Contains(
            "found by names that end in -00001-of-00003.gguf to -00003-of-00003.gguf; this one does not",
            Failure(_scratch["other.gguf"]),
            StringComparison.Ordinal
        );

        void Refused(string words, Action damage)
        {
            File.WriteAllBytes(Part(2), second);
            damage();
            Assert.Contains(words, Failure(Part(1)), StringComparison.Ordinal);
            File.Delete(Part(2));
        }

        // Another file in the second place, with one entry changed.
        void Copy(int from, string key, byte[] before, byte[] after, string? newKey = null)
        {
            byte[] bytes = from == 2 ? [.. second] : File.ReadAllBytes(Part(from));
            int at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(key));
            int value = at + key.Length + 4;
            Assert.Equal(before, bytes[value..(value + before.Length)]);
            after.CopyTo(bytes, value);
            System.Text.Encoding.UTF8.GetBytes(newKey ?? key).CopyTo(bytes, at);
            File.WriteAllBytes(Part(2), bytes);
        }

        string Failure(string path) => Assert.Throws<ModelFormatException>(() => ModelFile.Open(path, SmallModels.Catalog)).Message;
    }

    [Fact]
    public void Names_are_read_as_they_are_made()
    {
        Assert.Equal("a/m-00002-of-00010.gguf", GgufSplit.PathOf("a/m.gguf", 1, 10));
        Assert.Equal(("a/m.gguf", 1, 10), GgufSplit.Parse("a/m-00002-of-00010.gguf"));
        Assert.All(
            new[]
            {
                "m-00000-of-00002.gguf",
                "m-00003-of-00002.gguf",
                "m-0001-of-00002.gguf",
                "m-00001-of-00002.bin",
                "m00001-of-00002.gguf",
                "-of-.gguf",
                "m-+0001-of-00002.gguf",
            },
            name => Assert.Null(GgufSplit.Parse(name))
        );
    }

    [Fact]
    public void Only_gguf_is_split()
    {
        SmallModels.Write(_scratch["model.safetensors"]);
        using ModelFile model = ModelFile.Open(_scratch["model.safetensors"], SmallModels.Catalog);
        Assert.Throws<ArgumentException>(() =>
            new ModelWriter(model, QuantizationPlan.Unchanged(model, ModelContainer.Safetensors).Tensors, ModelContainer.Safetensors, 1000)
        );
        Assert.Equal([_scratch["m.gguf"]], Writer(model, 1L << 40).Paths(_scratch["m.gguf"])); // all fits one
    }
}
