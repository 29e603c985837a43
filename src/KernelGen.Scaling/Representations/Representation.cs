using System.Buffers;
using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling;

/// <summary>
/// How tensors are held: weights, and optionally activations, each by a mask, a format, or a mask and then a format.
/// <c>Representation.Sparse(2, 4).Then(int4).With(Representation.Of(fp8))</c>.
/// </summary>
/// <remarks>
/// A format behind a mask stores the kept values only: they are moved together, row by row, so a group of 32 is 32 kept
/// values, and its scale is shared by them. Bits count the kept values' share of the format's bits, scales included, and
/// the positions. Without a format kept values count <see cref="RepresentationPoint.DenseBits"/> each. What a mask over the whole tensor
/// keeps is one row, and where each row of the tensor begins in it is counted with 32 bits.
/// </remarks>
public sealed class Representation : IProbeTarget
{
    private readonly Quantiser? _quantiser;

    private Representation(Sparsity? mask, Quantiser? quantiser, Representation? activations)
    {
        (Mask, _quantiser, Activations) = (mask, quantiser, activations);
    }

    /// <summary>float32 as it is.</summary>
    public static Representation Dense { get; } = new(null, null, null);

    /// <summary>The mask of the weights, or null.</summary>
    public Sparsity? Mask { get; }

    /// <summary>The declared format that stores the weights, or null (float32, or a grid scaled at run time).</summary>
    public CompressedFormat? Format => _quantiser?.Format;

    /// <summary>How activations are held, or null if they are not compressed.</summary>
    public Representation? Activations { get; }

    /// <summary>The expression in the grammar of <see cref="RepresentationParser"/>.</summary>
    public string Name => Activations is null ? SideName : $"{SideName} x {Activations.SideName}";

    /// <summary>
    /// Whether one generated kernel does all of it. False for what is composed at run time: its error is measured by a
    /// staged round trip, and nothing multiplies with it directly.
    /// </summary>
    public bool HasFusedKernel => Mask is null && Activations is null && _quantiser?.Format is not null;

    /// <summary>Weights that share a stored value, as in <see cref="Shared"/>; 1 if none do.</summary>
    public int Sharing => _quantiser?.Sharing ?? 1;

    /// <summary>Whether something is chosen from the values of the whole tensor: a scale, a mask, shared values. Rows then depend on each other.</summary>
    public bool TensorWide => Mask is { TensorWide: true } || _quantiser is { TensorWide: true };

    /// <summary>Whether this is for matrices of weights and not for activations: whole rows or columns, and shared values, mean nothing of tokens.</summary>
    public bool WeightsOnly => Mask is StructuredSparsity || Sharing > 1;

    /// <summary>Stored bits per (dense) weight of a large matrix: kept values with their scales, and positions.</summary>
    public double Bits => (Mask?.Density ?? 1) * (_quantiser?.Bits ?? RepresentationPoint.DenseBits) + (Mask?.IndexBits ?? 0);

    /// <summary>The family whose coefficients turn the composed error of the weights into capacity.</summary>
    public string Family =>
        (Mask, _quantiser) switch
        {
            (null, null) => CapacityFamily.Int.Name,
            (null, _) => _quantiser.Family,
            (_, null) => CapacityFamily.Sparse.Name,
            _ => CapacityFamily.SparseQuantised.Name,
        };

    /// <summary>A declared format.</summary>
    /// <param name="format">The format.</param>
    public static Representation Of(CompressedFormat format) => new(null, new FormatQuantiser(format), null);

    /// <summary>A declared format.</summary>
    /// <typeparam name="TFormat">The declared struct.</typeparam>
    public static Representation Of<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat> => Of(CompressedFormat.Of<TFormat>());

    /// <summary>N:M sparsity by magnitude; kept values stay float32 until a format follows.</summary>
    /// <param name="kept">n.</param>
    /// <param name="of">m, 2 to 16.</param>
    public static Representation Sparse(int kept, int of) => Sparse(new BlockSparsity(kept, of));

    /// <summary>Sparsity by magnitude without a pattern, row by row or over the whole tensor.</summary>
    /// <param name="density">Share of values kept, above 0 and below 1.</param>
    /// <param name="wholeTensor">Whether the largest values of the tensor are kept, however many of each row.</param>
    public static Representation Sparse(double density, bool wholeTensor = false) =>
        Sparse(new UnstructuredSparsity(density, wholeTensor: wholeTensor));

    /// <summary>A mask.</summary>
    /// <param name="mask">The mask.</param>
    public static Representation Sparse(Sparsity mask) => new(mask, null, null);

    /// <summary>Weights that share float32 values by a hash of their place: each value is the mean of its weights, with a hashed sign each.</summary>
    /// <param name="ratio">Weights of a value, 2 to 1024. The error on Gaussian weights is 1 − 1/<paramref name="ratio"/>.</param>
    public static Representation Shared(int ratio)
    {
        return ratio is >= 2 and <= 1024
            ? new(null, new SharedQuantiser(ratio), null)
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, $"{ratio} weights share a value; it must be 2 to 1024.");
    }

    /// <summary>The levels of a scalar format under one float32 absmax scale per row (token) or tensor, chosen at run time.</summary>
    /// <param name="format">A scalar format of at most 8 bits.</param>
    /// <param name="group">Values per scale, <see cref="ScaleGroup.Row"/> or <see cref="ScaleGroup.Tensor"/>.</param>
    /// <exception cref="ArgumentException">The format has no list of levels.</exception>
    public static Representation Scaled(FormatInfo format, int group)
    {
        IReadOnlyList<double> levels = CapacityProbe.DistinctLevels(format);
        if (levels.Count < 2)
        {
            throw new ArgumentException(
                $"{format.Name} has no list of levels that another scale could be put on: only scalar formats of at most 8 bits have.",
                nameof(format)
            );
        }
        CheckGroup(group);
        string scale = group switch
        {
            ScaleGroup.Row => "token",
            ScaleGroup.Tensor => "tensor",
            _ => FormattableString.Invariant($"{group}"),
        };
        return new(null, new GridQuantiser($"{format.Name}@{scale}", format.Family, levels, group), null);
    }

    /// <summary>Integers −q … q, q = 2^(bits − 1) − 1, under float32 absmax scales.</summary>
    /// <param name="bits">2 to 8.</param>
    /// <param name="group">Values per scale, <see cref="ScaleGroup.Row"/> or <see cref="ScaleGroup.Tensor"/>.</param>
    public static Representation UniformAbsMax(int bits, int group)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 8);
        CheckGroup(group);
        int top = (1 << (bits - 1)) - 1;
        string scale = group switch
        {
            ScaleGroup.Row => "token",
            ScaleGroup.Tensor => "tensor",
            _ => FormattableString.Invariant($"{group}"),
        };
        return new(
            null,
            new GridQuantiser(
                $"uniform{bits}@{scale}",
                CapacityFamily.Int.Name,
                [.. Enumerable.Range(-top, 2 * top + 1).Select(i => (double)i)],
                group
            ),
            null
        );
    }

    /// <summary>Reads an expression; see <see cref="RepresentationParser"/>.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="catalog">Where format names come from.</param>
    /// <exception cref="FormatException">The text is no representation; the message says where and names the nearest formats.</exception>
    public static Representation Parse(string text, FormatCatalog catalog) => RepresentationParser.Parse(text, catalog);

    /// <summary>Stores what this mask keeps in a format.</summary>
    /// <param name="format">The format.</param>
    /// <exception cref="InvalidOperationException">A format is there already.</exception>
    public Representation Then(CompressedFormat format) => Then(Of(format));

    /// <summary>Stores what this mask keeps in a format.</summary>
    /// <typeparam name="TFormat">The declared struct.</typeparam>
    public Representation Then<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat> => Then(Of<TFormat>());

    /// <summary>This and then another: a mask first, a format after it.</summary>
    /// <param name="next">A representation of weights alone.</param>
    /// <exception cref="InvalidOperationException">The order is not mask, format; or one of the two speaks of activations.</exception>
    public Representation Then(Representation next)
    {
        if (Activations is not null || next.Activations is not null)
        {
            throw new InvalidOperationException($"'{Name}' then '{next.Name}': activations come last, by {nameof(With)}.");
        }
        if (_quantiser is not null && (next._quantiser is not null || next.Mask is not null))
        {
            throw new InvalidOperationException($"'{Name}' then '{next.Name}': a format ends the chain. Sparsify first, then quantise.");
        }
        if (Mask is not null && next.Mask is not null)
        {
            throw new InvalidOperationException($"'{Name}' then '{next.Name}': a tensor has one mask.");
        }
        Representation both = new(Mask ?? next.Mask, next._quantiser ?? _quantiser, null);
        if (both is { Mask.WholeTensor: true, _quantiser.PerRow: true })
        {
            throw new InvalidOperationException(
                $"'{Name}' then '{next.Name}': what is kept of a whole tensor is one row; use scales of groups or of the tensor."
            );
        }
        return both;
    }

    /// <summary>These weights with activations held in some way.</summary>
    /// <param name="activations">A representation of one tensor; its rows are tokens.</param>
    /// <exception cref="InvalidOperationException">One of the two has activations already, or the activations are for weights only.</exception>
    public Representation With(Representation activations)
    {
        if (activations.WeightsOnly)
        {
            throw new InvalidOperationException(
                $"'{activations.Name}' is for matrices of weights; activations have no rows, columns or places that stay."
            );
        }
        return Activations is null && activations.Activations is null
            ? new(Mask, _quantiser, activations)
            : throw new InvalidOperationException($"'{Name}' with '{activations.Name}': weights have one kind of activations.");
    }

    /// <summary>What the weights become when they are held like this. Activations play no part.</summary>
    /// <param name="weights"><c>rows × columns</c> finite values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="result">Receives <c>rows × columns</c> values; may be <paramref name="weights"/>.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and a mask or the format cannot hold it.</exception>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public void RoundTrip(ReadOnlyMemory<float> weights, int rows, int columns, Memory<float> result, Parallelism? parallelism = null)
    {
        parallelism ??= Parallelism.Default;
        int size = checked(rows * columns);
        if (weights.Length < size || result.Length < size)
        {
            throw new ArgumentException(
                $"{Name}: {rows} × {columns} values need spans of {size}, not {weights.Length} and {result.Length}."
            );
        }
        if (Mask is not null || _quantiser is { Format: null })
        {
            RequireFinite(weights.Span[..size], columns);
        }
        if (Mask is null)
        {
            Quantise(weights[..size], rows, columns, result[..size], parallelism);
            return;
        }
        (int keptRows, int keptColumns) = Mask.KeptShape(rows, columns);
        int kept = keptRows * keptColumns;
        float[] values = ArrayPool<float>.Shared.Rent(kept);
        int[] places = ArrayPool<int>.Shared.Rent(kept);
        try
        {
            Mask.SelectMatrix(weights[..size], rows, columns, places.AsMemory(0, kept), parallelism);
            ReadOnlySpan<float> source = weights.Span;
            for (int i = 0; i < kept; i++)
            {
                values[i] = source[places[i]];
            }
            Memory<float> compact = values.AsMemory(0, kept);
            Quantise(compact, keptRows, keptColumns, compact, parallelism);
            Span<float> target = result.Span[..size];
            target.Clear();
            for (int i = 0; i < kept; i++)
            {
                target[places[i]] = values[i];
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
            ArrayPool<int>.Shared.Return(places);
        }
    }

    /// <summary>Bits of a matrix of weights, padding, headers and positions included.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public double MatrixBits(int rows, int columns)
    {
        (int keptRows, int keptColumns) = Mask?.KeptShape(rows, columns) ?? (rows, columns);
        return (_quantiser?.MatrixBits(keptRows, keptColumns) ?? RepresentationPoint.DenseBits * keptRows * keptColumns)
            + (Mask?.MatrixIndexBits(rows, columns) ?? 0);
    }

    /// <summary>Measures the composed errors and those of the parts, see <see cref="RepresentationProbe"/>.</summary>
    /// <param name="options">Samples, seed, source, threads.</param>
    public RepresentationResult Measure(ProbeOptions? options = null) => RepresentationProbe.Measure(this, options);

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;

    /// <summary>The expression of the weights alone.</summary>
    internal string SideName =>
        (Mask, _quantiser) switch
        {
            (null, null) => "dense",
            (null, _) => _quantiser.Name,
            (_, null) => Mask.Name,
            _ => $"{Mask.Name}+{_quantiser.Name}",
        };

    /// <summary>The mask alone and the format alone, where both are there.</summary>
    internal IReadOnlyList<Representation> Parts =>
        Mask is not null && _quantiser is not null ? [Sparse(Mask), new(null, _quantiser, null)] : [new(Mask, _quantiser, null)];

    /// <summary>The error of the weights on Gaussian values where it is known without measuring.</summary>
    internal double? ExactGmse => Mask is null ? _quantiser?.ExactGmse : null;

    /// <summary>Magnitudes that are not numbers have no order: no mask could choose among them.</summary>
    private void RequireFinite(ReadOnlySpan<float> values, int columns)
    {
        if (GroupMath.MagnitudeBits(values) < GroupMath.NonFinite)
        {
            return;
        }
        int index = 0;
        while (float.IsFinite(values[index]))
        {
            index++;
        }
        throw new NonFiniteWeightException(Name, index / columns, index % columns, values[index]);
    }

    private void Quantise(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> result, Parallelism parallelism)
    {
        if (_quantiser is not null)
        {
            _quantiser.RoundTrip(values, rows, columns, result, parallelism);
        }
        else if (!values.Equals(result))
        {
            values.CopyTo(result);
        }
    }

    private static void CheckGroup(int group)
    {
        if (group is 0 or < ScaleGroup.Tensor)
        {
            throw new ArgumentOutOfRangeException(nameof(group), group, "A group is a number of values, a row or a tensor.");
        }
    }

    // Rows of a chunk hold whole blocks of the mask and, after it, whole groups of the format.
    int IProbeTarget.Block =>
        Mask is BlockSparsity block
            ? Lcm(block.KeptPerBlock, _quantiser?.Block ?? 1) / block.KeptPerBlock * block.Block
            : _quantiser?.Block ?? 1;

    ErrorSums IProbeTarget.Probe(ReadOnlySpan<float> samples, int rows, int columns)
    {
        if (Mask is null && _quantiser?.Format is { } format)
        {
            return format.Probe(samples, rows, columns);
        }
        float[] buffer = ArrayPool<float>.Shared.Rent(samples.Length);
        try
        {
            Memory<float> result = buffer.AsMemory(0, samples.Length);
            samples.CopyTo(result.Span);
            RoundTrip(result, rows, columns, result, Parallelism.Single);
            return SquaredError.Of(samples, result.Span);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    void IProbeTarget.RoundTrip(ReadOnlyMemory<float> weights, int rows, int columns, Memory<float> result, Parallelism parallelism) =>
        RoundTrip(weights, rows, columns, result, parallelism);

    private static int Lcm(int a, int b)
    {
        (int x, int y) = (a, b);
        while (y != 0)
        {
            (x, y) = (y, x % y);
        }
        return a / x * b;
    }
}
