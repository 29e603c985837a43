using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using KernelGen.Bench;
using KernelGen.Formats;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.Peers;

/// <summary>
/// One table: products of bytes of ours, of ggml as LLamaSharp ships it, and of ONNX Runtime's MatMulNBits, measured in turn.
/// </summary>
internal sealed class PeersCommand
{
    private readonly Option<string> _shape = new("--shape", "-s")
    {
        Description = "Rows × columns.",
        DefaultValueFactory = _ => "1024x1024",
    };
    private readonly Option<string> _batches = new("--batch", "-m")
    {
        Description = "Numbers of vectors.",
        DefaultValueFactory = _ => "1,4,16,128",
    };
    private readonly Option<string> _threads = new("--threads", "-t")
    {
        Description = "Numbers of threads.",
        DefaultValueFactory = _ => "1",
    };
    private readonly Option<string> _formats = new("--format", "-f")
    {
        Description = "Formats. ONNX Runtime has q4_0 only: 4 bits, blocks of 32, zero point 8.",
        DefaultValueFactory = _ => "q4_0",
    };
    private readonly Option<int> _repetitions = new("--repetitions", "-r") { Description = "Repetitions.", DefaultValueFactory = _ => 9 };
    private readonly TextWriter _out;

    private PeersCommand(TextWriter output) => _out = output;

    public static RootCommand Create(TextWriter output)
    {
        var self = new PeersCommand(output);
        var command = new RootCommand(
            "Products of bytes, next to ggml (LLamaSharp.Backend.Cpu) and ONNX Runtime (MatMulNBits, 4 bits, block 32, accuracy level 4)."
        )
        {
            self._shape,
            self._batches,
            self._threads,
            self._formats,
            self._repetitions,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        int[] shape = Numbers(parsed.GetValue(_shape)!, 'x');
        if (shape.Length != 2)
        {
            throw new ArgumentException($"--shape: '{parsed.GetValue(_shape)}' is not ROWSxCOLUMNS.");
        }
        string folder = GgmlFolder();
        GgmlLibrary ggml = GgmlLibrary.Find(folder)!;
        _out.WriteLine(
            $"Ours: {CpuKernels.Engine}{(CpuKernels.Missing is { } missing ? $" ({missing})" : "")}. ggml: {Path.GetFileName(folder)} "
                + "build of LLamaSharp.Backend.Cpu, the faster of plain and repacked; it does not use AMX. ONNX Runtime "
                + $"{Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString()}. Medians of {parsed.GetValue(_repetitions)}, in turn; "
                + "one pool at a time."
        );
        _out.WriteLine();
        _out.WriteLine("| format | batch | threads | engine | ours µs | GOP/s | ggml µs | × ggml | Δ | ONNX µs | × ONNX | Δ |");
        _out.WriteLine("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (string name in parsed.GetValue(_formats)!.Split(','))
        {
            CompressedFormat format = DeclaredFormats.Catalog[name];
            byte[] packed = new byte[format.Info.PackedBytes(shape[0], shape[1])];
            format.Pack(UniformValues.Of(shape[0] * shape[1], seed: 0), shape[0], shape[1], packed);
            foreach (int threads in Numbers(parsed.GetValue(_threads)!, ','))
            {
                foreach (int batch in Numbers(parsed.GetValue(_batches)!, ','))
                {
                    Measure(ggml, format, packed, shape[0], shape[1], batch, threads, parsed.GetValue(_repetitions));
                }
            }
        }
        return 0;
    }

    private void Measure(
        GgmlLibrary ggml,
        CompressedFormat format,
        byte[] packed,
        int rows,
        int columns,
        int batch,
        int threads,
        int repetitions
    )
    {
        float[] x = UniformValues.Of(batch * columns, seed: 1);
        using var ours = new KernelCase(format, packed, rows, columns, x, batch, threads, MatVecPrecision.Int8);
        using OnnxProduct? onnx = format.Info.Name == "q4_0" ? new OnnxProduct(packed, rows, columns, x, batch, threads) : null;
        byte[] one = new byte[packed.Length];
        ours.WarmUp(one, ggml);
        onnx?.WarmUp();
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            ours.Repeat(one); // and ggml, whose threads sleep while ours work
            Thread.Sleep(1); // ours sleep too
            onnx?.Repeat();
        }
        GgmlProduct? best = ours.Peers.MinBy(product => product.Seconds.Median);
        double seconds = ours.Seconds.Median;
        _out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {format.Info.Name} | {batch} | {threads} | {ours.Engine} | {seconds * 1e6:0.0} | {ours.Operations / seconds / 1e9:0} "
                    + $"| {best?.Seconds.Median * 1e6:0.0}{(best is null ? "–" : best.Repacked ? " (repacked)" : " (plain)")} | "
                    + $"{best?.Seconds.Median / seconds:0.00} | {(best is null ? null : ours.DifferenceTo(best.Results())):0.0e0} | "
                    + $"{onnx?.Seconds.Median * 1e6:0.0} | {onnx?.Seconds.Median / seconds:0.00} | "
                    + $"{(onnx is null ? null : ours.DifferenceTo(onnx.Results)):0.0e0} |"
            )
        );
    }

    /// <summary>The folder of the package with the best build for this machine.</summary>
    private static string GgmlFolder()
    {
        string runtimes = typeof(PeersCommand)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "GgmlRuntimes")
            .Value!;
        string system =
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
                ? "linux-x64"
                : throw new PlatformNotSupportedException(
                    "ggml's libraries are loaded on Linux x64; see docs/cpu.md for a ggml of your own."
                );
        string build =
            Avx512BW.IsSupported ? "avx512"
            : Avx2.IsSupported ? "avx2"
            : "noavx";
        return Path.Combine(runtimes, system, "native", build);
    }

    private static int[] Numbers(string text, char separator) =>
        [.. text.Split(separator).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
