using System.Diagnostics;

namespace KernelGen.Formats.Tests;

/// <summary>Past certain sizes the JIT gives up optimising a method without a word; no generated kernel may get there.</summary>
public class JitTests
{
    [Fact]
    public void No_generated_kernel_is_compiled_without_optimisation()
    {
        string summary = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "KernelGen.KernelRunner.dll")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["DOTNET_JitStdOutFile"] = summary;
            start.Environment["DOTNET_JitDisasmSummary"] = "1";
            start.Environment["DOTNET_TieredCompilation"] = "0";
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd(),
                error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output + error);
            Assert.Equal(
                KernelGen.Formats.DeclaredFormats.Catalog.All.Count,
                output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length
            );

            string[] kernels = [.. File.ReadLines(summary).Where(line => line.Contains("KernelGen.", StringComparison.Ordinal))];
            Assert.Contains(kernels, line => line.Contains("UnpackSegment", StringComparison.Ordinal));
            Assert.DoesNotContain(kernels, line =>
                line.Contains("MinOpts", StringComparison.OrdinalIgnoreCase) || line.Contains("Tier0", StringComparison.Ordinal)
            );
        }
        finally
        {
            File.Delete(summary);
        }
    }
}
