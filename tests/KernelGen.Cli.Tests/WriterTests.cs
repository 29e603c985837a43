using System.Diagnostics;
using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>Real processes that write: two at once into one file, and one onto a disk that is full.</summary>
public sealed class WriterTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Model()
    {
        SafetensorsWriter.Write(
            _folder["model.safetensors"],
            [
                new SafetensorsEntry("w", SafetensorsDtype.F32, [512, 1024], s =>
                    RawFloatFile.Write(s, [.. Enumerable.Range(0, 512 * 1024).Select(i => MathF.Sin(i))])
                ),
            ]
        );
        return _folder["model.safetensors"];
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Of the runtime itself: its pages of code are a file, which a limit of file sizes would stop.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start)!;
    }

    private static (int Code, string Error) End(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string error = process.StandardError.ReadToEnd();
            Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "it goes on");
            _ = output.Result;
            return (process.ExitCode, error);
        }
    }

    private static string Command => Path.Combine(AppContext.BaseDirectory, "KernelGen.Cli.dll");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_writers_of_one_file_leave_the_file_of_one(bool force)
    {
        string model = Model();
        Assert.Equal(0, End(Start("dotnet", Command, "quantize", model, _folder["alone.gguf"], "-f", "q8_0")).Code);
        string[] arguments = [Command, "quantize", model, _folder["both.gguf"], "-f", "q8_0", .. force ? (string[])["--force"] : []];
        Process[] both = [Start("dotnet", arguments), Start("dotnet", arguments)];
        (int Code, string Error)[] ends = [.. both.Select(End)];
        // with --force the second may begin when the first has ended, and replace it
        Assert.InRange(ends.Count(end => end.Code == 0), 1, force ? 2 : 1);
        Assert.All(ends.Where(end => end.Code != 0), end => Assert.Equal(1, end.Code));
        Assert.All(ends.Where(end => end.Code != 0), end => Assert.Contains("both.gguf", end.Error));
        Assert.Equal(File.ReadAllBytes(_folder["alone.gguf"]), File.ReadAllBytes(_folder["both.gguf"]));
        Assert.Equal(["alone.gguf", "both.gguf", "model.safetensors"], _folder.Files);
    }

    /// <summary>A limit of file sizes, with its signal ignored, fails writes as a full disk does.</summary>
    [Fact]
    public void A_full_disk_is_one_line_and_leaves_nothing()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no ulimit
        }
        string command = $"trap '' XFSZ; ulimit -f 100; exec dotnet '{Command}' quantize '{Model()}' '{_folder["out.gguf"]}' -f q8_0";
        (int code, string error) = End(Start("bash", "-c", command));
        Assert.True(code == 1, $"{code}: {error}");
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text =>
            text.StartsWith("kernelgen: ", StringComparison.Ordinal)
        );
        Assert.Contains("out.gguf", line);
        Assert.DoesNotContain("   at ", error);
        Assert.Equal(["model.safetensors"], _folder.Files);
    }
}
