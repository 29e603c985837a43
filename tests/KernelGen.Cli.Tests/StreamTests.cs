using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using KernelGen.Cli.Output;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>Streams that are closed or full, signals, and unexpected failures.</summary>
public sealed class StreamTests : IDisposable
{
    private const int SigTerm = 15;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Results_that_do_not_arrive_are_a_failure()
    {
        Cli cli = Cli.RunIn(environment => environment with { Out = new Full() }, "list");
        Assert.Equal(1, cli.Code);
        Assert.Equal("kernelgen: the results cannot be written: No space left on device", cli.Error.TrimEnd());
    }

    [Theory]
    [InlineData(0, "list")]
    [InlineData(1, "inspect", "none.gguf")]
    [InlineData(2, "nonsense")]
    public void Notes_that_nobody_hears_change_nothing(int code, params string[] args) =>
        Assert.Equal(code, Cli.RunIn(environment => environment with { Error = new Full() }, args).Code);

    [Fact]
    public void An_unexpected_failure_is_one_line_and_its_origin_on_request()
    {
        static CommandEnvironment Broken(CommandEnvironment environment) => environment with { Source = new BrokenSource() };
        Cli cli = Cli.RunIn(Broken, "show", "hand-int8");
        Assert.Equal(1, cli.Code);
        Assert.Single(cli.Error.TrimEnd().Split('\n'));
        Assert.Contains("no source (NotSupportedException", cli.Error);
        cli = Cli.RunIn(
            environment => Broken(environment) with { Variable = name => name == "KERNELGEN_TRACE" ? "1" : null },
            "show",
            "hand-int8"
        );
        Assert.Contains("   at KernelGen.Cli.Commands.ShowCommand", cli.Error);
    }

    /// <summary>SIGTERM only: who starts tests in the background has SIGINT ignored, and that is inherited.</summary>
    [Fact]
    public void A_signal_ends_what_does_not_listen()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no FIFOs, and Ctrl-C goes to the whole console
        }
        // Opening a FIFO waits for a writer, in a system call that no token reaches.
        string fifo = _folder["model.gguf"];
        Assert.Equal(0, MakeFifo(fifo, 0x180));
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KernelGen.Cli.dll"), "inspect", fifo])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            Thread.Sleep(TimeSpan.FromSeconds(5)); // handlers are in place long before
            Assert.False(process.HasExited, process.HasExited ? process.StandardError.ReadToEnd() : "");
            var clock = Stopwatch.StartNew();
            Assert.Equal(0, Kill(process.Id, SigTerm));
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), "it goes on");
            Assert.Equal(143, process.ExitCode);
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5); // one second, and what a busy machine takes
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public void Progress_tells_how_far_and_how_long()
    {
        TimeSpan ten = TimeSpan.FromSeconds(10);
        Assert.Equal("pack: 2/12 MiB, 3 MB/s, 50 s left", ProgressText.Of("pack", 2.5, 12, "MiB, 3 MB/s", TimeSpan.FromSeconds(13.15)));
        Assert.Equal("pack: 0/12 x", ProgressText.Of("pack", 0, 12, "x", ten));
        Assert.Equal("pack: 12/12 x", ProgressText.Of("pack", 12, 12, "x", ten));
        Assert.Equal("sweep: 3/12 runs, 2 min left", ProgressText.Of("sweep", 3, 12, "runs, 2 min left", ten));
    }

    [DllImport("libc", EntryPoint = "mkfifo")]
    private static extern int MakeFifo(string path, uint mode);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    private sealed class Full : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");
    }

    private sealed class BrokenSource : IFormatSource
    {
        public IReadOnlyList<(string Name, string Text)> Files(CompressedFormat format) => throw new NotSupportedException("no source");

        public IReadOnlyList<string> Layout(CompressedFormat format) => throw new NotSupportedException("no source");

        public IReadOnlyList<int> VectorWidths(CompressedFormat format) => throw new NotSupportedException("no source");

        public IReadOnlyList<(string Kernel, string Recipe)> Kernels(CompressedFormat format) =>
            throw new NotSupportedException("no source");
    }
}
