using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Writers do not mix, do not follow links, keep modes, notice a source that changes, and know finished work.</summary>
public sealed class WriterTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Source => SmallModels.Write(_scratch["model.safetensors"]);

    private ModelWriteReport Write(string output, ModelWriteOptions options, string format = "q8_0", Action? meanwhile = null)
    {
        using ModelFile model = ModelFile.Open(
            File.Exists(_scratch["model.safetensors"]) ? _scratch["model.safetensors"] : Source,
            SmallModels.Catalog
        );
        QuantizationPlan plan = QuantizationPlan.Make(model, new() { Format = SmallModels.Catalog[format] }, ModelContainer.Gguf);
        int calls = 0;
        return new ModelWriter(model, plan.Tensors, plan.Container).Write(
            _scratch[output],
            options with
            {
                Progress = (_, _) =>
                {
                    if (Interlocked.Increment(ref calls) == 1)
                    {
                        meanwhile?.Invoke();
                    }
                },
            }
        );
    }

    [Fact]
    public void A_second_writer_is_refused_by_name_and_the_first_one_finishes()
    {
        Write("expected.gguf", new());
        string? message = null;
        Write("o.gguf", new() { Overwrite = true }, meanwhile: () =>
            message = Assert.Throws<IOException>(() => Write("o.gguf", new() { Overwrite = true }, "q4_0")).Message
        );
        Assert.Contains("o.gguf is being written by another process", message, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_scratch["expected.gguf"]), File.ReadAllBytes(_scratch["o.gguf"]));
        Assert.Equal(["expected.gguf", "model.safetensors", "o.gguf"], _scratch.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_and_links_of_others_under_the_temporary_name_are_left_alone(bool link)
    {
        string theirs = _scratch.Write("theirs.txt", [1, 2, 3]);
        if (link)
        {
            File.CreateSymbolicLink(_scratch["o.gguf.partial"], theirs);
        }
        else
        {
            File.Copy(theirs, _scratch["o.gguf.partial"]);
        }
        Assert.Contains("o.gguf.partial", Assert.Throws<IOException>(() => Write("o.gguf", new())).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_scratch["o.gguf.partial"]));
        Assert.DoesNotContain("o.gguf.partial.journal", _scratch.Files);
        Write("o.gguf", new() { Overwrite = true });
        Assert.Equal([1, 2, 3], File.ReadAllBytes(theirs));
        Assert.Null(new FileInfo(_scratch["o.gguf"]).LinkTarget);
        Assert.Equal(["model.safetensors", "o.gguf", "theirs.txt"], _scratch.Files);
    }

    [Fact]
    public void A_link_under_the_journals_name_is_not_followed()
    {
        string theirs = _scratch.Write("theirs.txt", [1, 2, 3]);
        File.CreateSymbolicLink(_scratch["o.gguf.partial.journal"], theirs);
        Assert.Contains("is a link to", Assert.Throws<IOException>(() => Write("o.gguf", new())).Message, StringComparison.Ordinal);
        Write("o.gguf", new() { Overwrite = true });
        Assert.Equal([1, 2, 3], File.ReadAllBytes(theirs));
    }

    [Fact]
    public void A_source_that_changes_meanwhile_is_noticed()
    {
        string source = Source;
        ModelFormatException failure = Assert.Throws<ModelFormatException>(() => Write("o.gguf", new() { Threads = 1 }, meanwhile: () =>
            {
                using FileStream stream = new(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                stream.Seek(-4, SeekOrigin.End);
                stream.Write([0, 0, 0, 0]);
                stream.Flush();
                File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddSeconds(5));
            }));
        Assert.Contains("model.safetensors: it was changed while it was read", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["model.safetensors"], _scratch.Files);
    }

    [Fact]
    public void Finished_work_is_recognised_and_other_work_is_not()
    {
        Write("o.gguf", new());
        DateTime written = File.GetLastWriteTimeUtc(_scratch["o.gguf"]);
        Assert.InRange(Write("o.gguf", new() { Resume = true }).Reused, 1, long.MaxValue);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_scratch["o.gguf"]));
        Assert.Contains(
            "exists",
            Assert.Throws<IOException>(() => Write("o.gguf", new() { Resume = true }, "q4_0")).Message,
            StringComparison.Ordinal
        );
        SmallModels.Write(_scratch["model.safetensors"], SmallModels.Gaussian(1100 * 768, 9));
        Assert.Contains(
            "exists",
            Assert.Throws<IOException>(() => Write("o.gguf", new() { Resume = true })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_that_is_replaced_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (string name in new[] { "o.gguf", "small.txt" })
        {
            File.SetUnixFileMode(_scratch.Write(name, [0]), mode);
        }
        Write("o.gguf", new() { Overwrite = true });
        using (OutputFile file = OutputFile.Create(_scratch["small.txt"], overwrite: true))
        {
            file.Stream.Write([1]);
            file.Commit();
        }
        Assert.Equal(mode, File.GetUnixFileMode(_scratch["o.gguf"]));
        Assert.Equal(mode, File.GetUnixFileMode(_scratch["small.txt"]));
    }

    [Fact]
    public void Of_two_small_writers_one_wins_whole_and_nothing_is_left()
    {
        File.CreateSymbolicLink(_scratch["a.txt.partial"], _scratch.Write("theirs.txt", [9]));
        using (OutputFile first = OutputFile.Create(_scratch["a.txt"], overwrite: true))
        using (OutputFile second = OutputFile.Create(_scratch["a.txt"], overwrite: true))
        {
            first.Stream.Write([1, 1]);
            second.Stream.Write([2]);
            first.Commit();
            second.Commit();
        }
        Assert.Equal([2], File.ReadAllBytes(_scratch["a.txt"]));
        Assert.Equal([9], File.ReadAllBytes(_scratch["theirs.txt"]));
        Assert.Equal(["a.txt", "a.txt.partial", "theirs.txt"], _scratch.Files);
    }
}
