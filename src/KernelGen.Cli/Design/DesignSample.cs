using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KernelGen.Cli.Input;
using KernelGen.Kernels.Coding;
using KernelGen.Scaling;

namespace KernelGen.Cli.Design;

/// <summary>The values by which candidates are judged: Gaussian ones, or rows of a tensor.</summary>
internal sealed class DesignSample
{
    /// <summary>Most values that a candidate is judged by.</summary>
    public const int Most = 1 << 17;

    private const int RandomColumns = 4096;

    /// <summary>The winners' own probes take chunks from 0 on: they are judged by values that did not choose them.</summary>
    private const long Chunk = 1L << 40;

    private readonly float[] _values;
    private readonly int _rows,
        _columns;
    private readonly TensorStatistics? _whole;

    private DesignSample(string key, ValueSource source, float[] values, int rows, int columns)
    {
        (Key, Source, _values, _rows, _columns) = (key, source, values, rows, columns);
        _whole = source is TensorSource ? TensorStatistics.Measure(values) : null;
    }

    /// <summary>What the values are, in a line: judgements by other values have another one.</summary>
    public string Key { get; }

    /// <summary>How many values there are.</summary>
    public int Count => _values.Length;

    /// <summary>What winners are measured on.</summary>
    public ValueSource Source { get; }

    /// <summary>Gaussian values of a seed.</summary>
    public static DesignSample Gaussian(ulong seed)
    {
        float[] values = new float[Most];
        ValueSource.Gaussian.Fill(seed, Chunk, values);
        return new($"gaussian, seed {seed}", ValueSource.Gaussian, values, Most / RandomColumns, RandomColumns);
    }

    /// <summary>A tensor.</summary>
    public static DesignSample Of(LoadedTensor tensor)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(tensor.Values)).AsSpan(0, 8));
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{tensor.Rows} × {tensor.Columns} values, {hash}"),
            new TensorSource(tensor.Name, tensor.Values, tensor.Rows, tensor.Columns),
            tensor.Values,
            tensor.Rows,
            tensor.Columns
        );
    }

    /// <summary>Stored bits per weight: of the tensor, or of a large matrix.</summary>
    public double Bits(FormatInfo info) => _whole is null ? info.BitsPerWeight : 8.0 * info.PackedBytes(_rows, _columns) / _values.Length;

    /// <summary>Whether a row has room for a block.</summary>
    public bool Fits(FormatInfo info) => _whole is not null || info.Block <= RandomColumns;

    /// <summary>The relative error of a candidate on about so many values: rows evenly apart.</summary>
    public double Error(Candidate candidate, int count)
    {
        RowCoder coder = candidate.Coder();
        int columns = _whole is null ? RandomColumns / coder.Block * coder.Block : Math.Min(_columns, Math.Max(count, RandomColumns)),
            rows = Math.Clamp(count / columns, 1, _rows);
        float[] values = new float[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            _values.AsSpan((int)((long)row * _rows / rows) * _columns, columns).CopyTo(values.AsSpan(row * columns));
        }
        float scale = coder.TensorScale(_whole ?? TensorStatistics.Measure(values));
        return coder.Probe(values, columns, scale).RelativeError;
    }
}
