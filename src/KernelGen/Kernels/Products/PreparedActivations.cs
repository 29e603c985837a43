using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Activation vectors as kernels of a recipe take them: rounded to bytes, or in float32 and filled up to whole slices. Buffers are kept
/// between calls.
/// </summary>
internal sealed class PreparedActivations<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    private float[] _padded = [],
        _totals = [];
    private int _batch,
        _columns,
        _slices;
    private MatVecPrecision _precision;

    /// <summary>The call whose activations these are, if they were prepared by one thread for itself.</summary>
    public long Call { get; set; }

    /// <summary>Activations in bytes.</summary>
    public Int8Activations Bytes { get; } = new();

    /// <summary>
    /// Activations in float32 as products of decoded weights take them: of <see cref="PanelProduct.FewestVectors"/> and more vectors.
    /// </summary>
    public VectorTiles Tiles { get; } = new();

    /// <summary>Activations in float32 of fewer vectors, <c>batch × slices</c> of a recipe's columns.</summary>
    public ReadOnlySpan<float> Floats => _padded;

    /// <summary>Sums of the activations of each slice, for recipes with offsets.</summary>
    public ReadOnlySpan<float> Totals => _totals;

    public bool TwoDigits => _precision == MatVecPrecision.Int8TwoDigits;

    /// <summary>
    /// What can be prepared apart: as many groups of columns of all vectors as are quantised side by side, tiles of vectors, or vectors.
    /// </summary>
    public int Units =>
        _precision != MatVecPrecision.Float ? (Bytes.Groups + Int8Quantiser.Groups - 1) / Int8Quantiser.Groups
        : IsTiled ? Tiles.Tiles
        : _batch;

    private bool IsTiled => _batch >= PanelProduct.FewestVectors;

    /// <summary>Makes room for vectors, which <see cref="Prepare"/> then fills.</summary>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="precision">What becomes of them.</param>
    public void Reserve(int batch, int columns, MatVecPrecision precision)
    {
        (_batch, _columns, _precision, _slices) = (batch, columns, precision, Int8Layout<TRecipe>.Slices(columns));
        if (precision != MatVecPrecision.Float)
        {
            Bytes.Reserve<TRecipe>(batch, columns, TwoDigits);
            return;
        }
        if (IsTiled)
        {
            Tiles.Reserve(batch, columns);
            return;
        }
        if (_padded.Length < batch * _slices * TRecipe.SliceColumns)
        {
            _padded = new float[batch * _slices * TRecipe.SliceColumns];
        }
        if (TRecipe.Offsets && _totals.Length < batch * _slices)
        {
            _totals = new float[batch * _slices];
        }
    }

    /// <summary>Prepares some units.</summary>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="first">The first unit.</param>
    /// <param name="count">Number of units.</param>
    public void Prepare(ReadOnlySpan<float> x, int first, int count)
    {
        if (_precision != MatVecPrecision.Float)
        {
            int end = Math.Min((first + count) * Int8Quantiser.Groups, Bytes.Groups);
            Bytes.Quantise<TRecipe>(x, _batch, first * Int8Quantiser.Groups, end, _columns, TwoDigits);
            return;
        }
        if (IsTiled)
        {
            Tiles.Fill(x, first, count);
            return;
        }
        int padded = _slices * TRecipe.SliceColumns;
        for (int v = first; v < first + count; v++)
        {
            Span<float> target = _padded.AsSpan(v * padded, padded);
            x.Slice(v * _columns, _columns).CopyTo(target);
            target[_columns..].Clear();
            for (int s = 0; TRecipe.Offsets && s < _slices; s++)
            {
                _totals[v * _slices + s] = Total(target.Slice(s * TRecipe.SliceColumns, TRecipe.SliceColumns));
            }
        }
    }

    private static float Total(ReadOnlySpan<float> values)
    {
        double total = 0;
        foreach (float value in values)
        {
            total += value;
        }
        return (float)total;
    }
}
