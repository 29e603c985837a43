using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using KernelGen.Bench;
using Microsoft.ML.OnnxRuntime;

namespace KernelGen.Peers;

/// <summary>
/// ONNX Runtime's product of the same 4-bit weights with the same activations, which it rounds to bytes too (accuracy level 4).
/// </summary>
internal sealed class OnnxProduct : IDisposable
{
    /// <summary>Weights under a scale, and the bytes of a block of q4_0.</summary>
    private const int Block = 32,
        BlockBytes = 18;

    private const double WarmSeconds = 0.1,
        RepetitionSeconds = 0.01;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _input,
        _output;
    private readonly List<double> _seconds = [];
    private int _calls = 1;

    public OnnxProduct(byte[] packed, int rows, int columns, float[] x, int batch, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        // its threads spin within a call, as ours do, and not after it, when ours work
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        (byte[] codes, byte[] scales) = Split(packed, rows, columns);
        _session = new InferenceSession(OnnxModel.MatMulNBits(codes, scales, null, rows, columns, batch), options);
        Results = new float[batch * rows];
        _input = OrtValue.CreateTensorValueFromMemory(x, [batch, columns]);
        _output = OrtValue.CreateTensorValueFromMemory(Results, [batch, rows]);
    }

    /// <summary>The results of the last call.</summary>
    public float[] Results { get; }

    /// <summary>Seconds of a call.</summary>
    public Sample Seconds => Sample.Of(_seconds);

    public void WarmUp()
    {
        long start = Stopwatch.GetTimestamp();
        int call = 0;
        do
        {
            Run();
            call++;
        } while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmSeconds);
        _calls = (int)Math.Clamp(RepetitionSeconds * call / Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 1_000_000);
    }

    public void Repeat()
    {
        Run(); // the threads wake up
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < _calls; call++)
        {
            Run();
        }
        _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / _calls);
    }

    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private void Run() => _session.Run(_options, ["x"], [_input], ["y"], [_output]);

    /// <summary>
    /// Codes two a byte in the order of columns, and scales as float32: q4_0 has a binary16 scale, then codes i and i + 16 in a byte.
    /// </summary>
    private static (byte[] Codes, byte[] Scales) Split(byte[] packed, int rows, int columns)
    {
        int blocks = rows * columns / Block;
        byte[] codes = new byte[blocks * Block / 2],
            scales = new byte[4 * blocks];
        for (int block = 0; block < blocks; block++)
        {
            ReadOnlySpan<byte> source = packed.AsSpan(block * BlockBytes, BlockBytes);
            BinaryPrimitives.WriteSingleLittleEndian(scales.AsSpan(4 * block), (float)MemoryMarshal.Read<Half>(source));
            for (int i = 0; i < Block; i++)
            {
                int code = source[2 + i % 16] >> (i < 16 ? 0 : 4) & 15;
                codes[block * 16 + i / 2] |= (byte)(code << i % 2 * 4);
            }
        }
        return (codes, scales);
    }
}
