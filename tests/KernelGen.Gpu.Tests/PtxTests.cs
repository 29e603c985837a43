using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// What ILGPU makes of every kernel of the chosen formats for a device of compute capability 9.0. No device is needed; the counts of
/// docs/notes/gpu-notes.md are printed.
/// </summary>
public sealed partial class PtxTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_kernel_compiles_without_doubles_and_without_indexed_local_memory()
    {
        var texts = new List<(string Format, string Kernel, string Text)>();
        foreach (string format in Subjects.Chosen)
        {
            texts.AddRange(
                Subjects
                    .All(Subjects.Kernels[format].Cuda)
                    .Zip(Subjects.KernelNames, (kernel, name) => (format, name, PtxCompiler.Compile(kernel)))
            );
        }
        texts.Add(("all", "round", PtxCompiler.Compile(GpuHalves.Round<PtxMath>)));
        texts.Add(("all", "quantise", PtxCompiler.Compile(GpuInt8.Quantise<PtxMath>)));
        texts.Add(("all", "rotate", PtxCompiler.Compile(GpuRotation.Rotate<GpuRotation.Forward>)));
        texts.Add(("all", "rotate back", PtxCompiler.Compile(GpuRotation.Rotate<GpuRotation.Inverse>)));

        Assert.DoesNotContain(texts, kernel => kernel.Text.Contains(".f64", StringComparison.Ordinal));
        Assert.All(texts, kernel =>
            Assert.All(LocalSlot().Matches(kernel.Text).Select(slot => slot.Groups[1].Value), bytes => Assert.Equal("4", bytes))
        );
        Assert.All(texts, kernel => Assert.Empty(ComputedAddresses(kernel.Text)));
        Assert.All(texts.Where(kernel => kernel.Kernel == "tensor"), kernel =>
            Assert.Equal(4, Regex.Count(kernel.Text, @"mma\.sync\.aligned\.m16n8k16"))
        );

        output.WriteLine($"{texts.Count} kernels of {Subjects.Chosen.Count} formats");
        foreach (IGrouping<string, (string Format, string Kernel, string Text)> kind in texts.GroupBy(kernel => kernel.Kernel))
        {
            int Count(string pattern) => kind.Sum(kernel => Regex.Count(kernel.Text, pattern));
            output.WriteLine(
                $"{kind.Key}: ld.global {Count(@"ld\.global")}, v4 {Count(@"ld\.global\.v4")}, v2 {Count(@"ld\.global\.v2")}, "
                    + $"slots {kind.Min(kernel => LocalSlot().Count(kernel.Text))} to "
                    + $"{kind.Max(kernel => LocalSlot().Count(kernel.Text))}, "
                    + $"bytes of text {kind.Min(kernel => kernel.Text.Length)} to {kind.Max(kernel => kernel.Text.Length)}"
            );
        }
        // the unpacking kernel loads nothing but a format's own arrays: widths of its integer loads, by what formats have in common
        foreach (
            var widths in texts
                .Where(kernel => kernel.Kernel == "unpack")
                .GroupBy(kernel => Widths(kernel.Text))
                .OrderBy(group => group.Key, StringComparer.Ordinal)
        )
        {
            output.WriteLine($"{widths.Key}: {string.Join(", ", widths.Select(kernel => kernel.Format))}");
        }
        if (Environment.GetEnvironmentVariable("KERNELGEN_PTX") is { Length: > 0 } folder)
        {
            foreach ((string format, string kernel, string text) in texts)
            {
                File.WriteAllText(
                    Path.Combine(Directory.CreateDirectory(folder).FullName, $"{format}.{kernel.Replace(' ', '-')}.ptx"),
                    text
                );
            }
        }
    }

    private static string Widths(string text) =>
        string.Join(
            ", ",
            WordLoad()
                .Matches(text)
                .GroupBy(load => load.Groups[1].Value is { Length: > 0 } width ? width[1..] : "scalar")
                .OrderByDescending(loads => loads.Key, StringComparer.Ordinal)
                .Select(loads => $"{loads.Count()} × {loads.Key}")
        );

    /// <summary>Loads of words: codes, masks and outliers.</summary>
    [GeneratedRegex(@"ld\.global(\.v[24])?\.[bus]32")]
    private static partial Regex WordLoad();

    /// <summary>A variable in local memory, with its bytes.</summary>
    [GeneratedRegex(@"\.local [^;]*\.b8 \w+\[(\d+)\]")]
    private static partial Regex LocalSlot();

    /// <summary>The address of an access to local memory, with an offset if it has one.</summary>
    [GeneratedRegex(@"\b(?:ld|st)\.local[^;\[]*\[([^\]]+)\]")]
    private static partial Regex LocalAccess();

    /// <summary>A register that is written, and what by.</summary>
    [GeneratedRegex(@"^\s*([\w.]+)\s+(%rd\d+), ?([^;]*);", RegexOptions.Multiline)]
    private static partial Regex WideRegister();

    /// <summary>Addresses of local memory that are not the start of a slot: those would keep it out of registers.</summary>
    private static IEnumerable<string> ComputedAddresses(string text)
    {
        ILookup<string, bool> starts = WideRegister()
            .Matches(text)
            .ToLookup(
                written => written.Groups[2].Value,
                written =>
                    written.Groups[1].Value == "mov.b64" && written.Groups[3].Value.StartsWith("__local_depot", StringComparison.Ordinal)
            );
        return LocalAccess()
            .Matches(text)
            .Select(access => access.Groups[1].Value)
            .Distinct()
            .Where(address => !starts.Contains(address) || starts[address].Contains(false));
    }
}
