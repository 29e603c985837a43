using ILGPU;
using ILGPU.Runtime;
using KernelGen.Kernels.Products;

namespace KernelGen.Gpu;

/// <summary>
/// A packed matrix on a device. Uploading repacks it: codes in records for wide loads, scales apart. Results obey the bounds
/// of the CPU kernels; unpacking gives the same bits.
/// </summary>
public class GpuMatrix : IDisposable
{
    /// <summary>Activation vectors from which on tensor units take over, where products may be rounded as they do.</summary>
    public const int TensorBatch = 8;

    private readonly LoadedKernels _kernels;
    private readonly GpuBuffer<U4> _quads;
    private readonly GpuBuffer<U2> _pairs;
    private readonly GpuBuffer<uint> _words,
        _extra;
    private readonly GpuBuffer<float> _floats,
        _table;
    private readonly GpuBuffer<ushort> _halves;
    private readonly GpuBuffer<byte> _bytes;
    private readonly GpuShape _shape;

    /// <summary>Repacks and uploads.</summary>
    /// <param name="device">The device.</param>
    /// <param name="format">The format.</param>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows, 1 or more.</param>
    /// <param name="columns">Columns, 1 or more.</param>
    /// <param name="reduction">Which form of the kernels runs.</param>
    /// <exception cref="GpuException">The format has no GPU kernels, or the matrix does not fit the device.</exception>
    /// <exception cref="ArgumentException">The bytes do not fit the shape.</exception>
    public GpuMatrix(
        GpuDevice device,
        CompressedFormat format,
        ReadOnlyMemory<byte> packed,
        int rows,
        int columns,
        GpuReduction reduction = GpuReduction.Automatic
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        (Device, Format, Rows, Columns) = (device, format, rows, columns);
        _kernels = device.Load(format.Info.Name, reduction);
        long expected = format.Info.PackedBytes(rows, columns);
        if (packed.Length != expected)
        {
            throw new ArgumentException(
                $"{format.Info.Name}: a {rows} × {columns} matrix has {expected} bytes, not {packed.Length}.",
                nameof(packed)
            );
        }
        string what = $"A {rows} × {columns} matrix of {format.Info.Name}";
        device.Require(what, expected);
        var repacked = new RepackedMatrix(_kernels.Layout, format.Info, packed, rows, columns);
        device.Require(what, repacked.DeviceBytes);
        _shape = repacked.Shape;
        DeviceBytes = repacked.DeviceBytes;
        _quads = GpuBuffer<U4>.Of(device, what, repacked.Quads);
        _pairs = GpuBuffer<U2>.Of(device, what, repacked.Pairs);
        _words = GpuBuffer<uint>.Of(device, what, repacked.Words);
        _extra = GpuBuffer<uint>.Of(device, what, repacked.Extra);
        _floats = GpuBuffer<float>.Of(device, what, repacked.Floats);
        _halves = GpuBuffer<ushort>.Of(device, what, repacked.Halves);
        _bytes = GpuBuffer<byte>.Of(device, what, repacked.Bytes);
        _table = GpuBuffer<float>.Of(device, what, repacked.Table);
        device.Synchronize();
    }

    /// <summary>The device.</summary>
    public GpuDevice Device { get; }

    /// <summary>The format.</summary>
    public CompressedFormat Format { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes of the repacked matrix on the device.</summary>
    public long DeviceBytes { get; }

    /// <summary>How products of activations that are staged from now on are rounded.</summary>
    public GpuPrecision Precision { get; set; }

    /// <summary>y = W·x; waits for the result.</summary>
    /// <param name="x"><see cref="Columns"/> activations.</param>
    /// <param name="y">Receives <see cref="Rows"/> sums.</param>
    public void MatVec(ReadOnlySpan<float> x, Span<float> y) => MatMul(x, 1, y);

    /// <summary>Y = X·Wᵀ; waits for the result.</summary>
    /// <param name="x"><c>batch × Columns</c> activations.</param>
    /// <param name="batch">Activation vectors, 1 or more.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    public void MatMul(ReadOnlySpan<float> x, int batch, Span<float> y)
    {
        using GpuActivations activations = Stage(x, batch);
        using GpuResults results = NewResults(batch);
        MatMul(activations, results);
        results.Download(y);
    }

    /// <summary>Brings activations to the device in the order that kernels read; rotated if the format's rows are.</summary>
    /// <param name="x"><c>batch × Columns</c> activations.</param>
    /// <param name="batch">Activation vectors, 1 or more.</param>
    public GpuActivations Stage(ReadOnlySpan<float> x, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (x.Length < (long)batch * Columns)
        {
            throw new ArgumentException(
                $"{batch} activation vectors of {Columns} columns are {(long)batch * Columns} numbers, not {x.Length}.",
                nameof(x)
            );
        }
        GpuPrecision precision =
            Precision != GpuPrecision.Automatic ? Precision
            : Device.HasTensorUnits && batch >= TensorBatch ? GpuPrecision.Half
            : GpuPrecision.Float;
        if (precision == GpuPrecision.Half && !Device.HasFragments)
        {
            throw new GpuException(
                $"{Device.Id} ({Device.Name}) has no tensor units, nor warps of 32 threads that shuffle in their place; take GpuPrecision.Float."
            );
        }
        if (precision == GpuPrecision.Int8 && !_kernels.HasIntegers)
        {
            throw new GpuException(
                $"The format {Format.Info.Name} has no integer kernels on devices: its levels are no integers, groups are shorter than 16, or it has a mask or outliers."
            );
        }
        return new GpuActivations(Device, _kernels.Layout, _shape, x, batch, Columns, precision);
    }

    /// <summary>Room for results.</summary>
    /// <param name="batch">Activation vectors.</param>
    public GpuResults NewResults(int batch) => new(Device, Rows, batch);

    /// <summary>Y = X·Wᵀ on a stream; returns when the work is enqueued.</summary>
    /// <param name="x">Staged activations of a matrix with these columns and this format.</param>
    /// <param name="y">Room for the results of as many activation vectors.</param>
    /// <param name="stream">The stream; null for the device's own.</param>
    public void MatMul(GpuActivations x, GpuResults y, GpuStream? stream = null)
    {
        if (x.Columns != Columns || y.Rows != Rows || y.Batch < x.Batch)
        {
            throw new ArgumentException(
                $"{x.Batch} vectors of {x.Columns} activations and room for {y.Batch} of {y.Rows} results do not fit a {Rows} × {Columns} matrix."
            );
        }
        AcceleratorStream queue = stream?.Stream ?? Device.Accelerator.DefaultStream;
        GpuShape shape = _shape;
        ArrayView<F4> all = x.Buffer.View;
        ArrayView<float> sums = y.Buffer.View;
        KernelConfig tiles = (
            new Index2D(Groups(Rows, GpuKernels.TileRows), Groups(x.Batch, GpuKernels.TileBatch)),
            new Index2D(GpuKernels.GroupSize, 1)
        );
        shape.Batch = x.Batch;
        if (x.Halves is not null)
        {
            _kernels.Tensor(
                queue,
                tiles,
                _quads.View,
                _pairs.View,
                _words.View,
                _extra.View,
                _floats.View,
                _halves.View,
                _bytes.View,
                _table.View,
                shape,
                x.Halves.View,
                x.Factors!.View,
                sums
            );
            return;
        }
        if (x.Codes is null && x.Batch > 2 * GpuKernels.MatVecBatch)
        {
            _kernels.MatMul(
                queue,
                tiles,
                _quads.View,
                _pairs.View,
                _words.View,
                _extra.View,
                _floats.View,
                _halves.View,
                _bytes.View,
                _table.View,
                shape,
                all,
                sums
            );
            return;
        }
        for (int first = 0; first < x.Batch; first += GpuKernels.MatVecBatch)
        {
            shape.Batch = Math.Min(GpuKernels.MatVecBatch, x.Batch - first);
            KernelConfig rows = (Groups(Rows, GpuKernels.MatVecRows), GpuKernels.GroupSize);
            ArrayView<float> own = sums.SubView((long)first * Rows, (long)shape.Batch * Rows);
            if (x.Codes is not null)
            {
                MultiplyBytes(queue, rows, shape, x, first, own);
                continue;
            }
            _kernels.MatVec(shape.Batch)(
                queue,
                rows,
                _quads.View,
                _pairs.View,
                _words.View,
                _extra.View,
                _floats.View,
                _halves.View,
                _bytes.View,
                _table.View,
                shape,
                all.SubView((long)first * shape.XStride, (long)shape.Batch * shape.XStride),
                own
            );
        }
    }

    /// <summary>Some vectors of bytes from a first one on.</summary>
    private void MultiplyBytes(
        AcceleratorStream queue,
        KernelConfig rows,
        GpuShape shape,
        GpuActivations x,
        int first,
        ArrayView<float> sums
    )
    {
        long codes = shape.XStride / 4,
            groups = shape.XStride / 8;
        _kernels.MatVecInt8(shape.Batch)(
            queue,
            rows,
            _quads.View,
            _pairs.View,
            _words.View,
            _extra.View,
            _floats.View,
            _halves.View,
            _bytes.View,
            _table.View,
            shape,
            x.Codes!.View.SubView(first * codes, shape.Batch * codes),
            x.Groups!.View.SubView(first * groups, shape.Batch * groups),
            sums
        );
    }

    /// <summary>The weights, bit for bit those of the CPU; waits for them.</summary>
    /// <param name="weights">Receives <c>Rows × Columns</c> weights.</param>
    public void Unpack(Span<float> weights)
    {
        if (weights.Length < (long)Rows * Columns)
        {
            throw new ArgumentException(
                $"{Rows} × {Columns} weights need room for {(long)Rows * Columns} numbers, not {weights.Length}.",
                nameof(weights)
            );
        }
        using var buffer = new GpuBuffer<float>(Device, $"The unpacked {Rows} × {Columns} matrix", (long)Rows * _shape.Columns);
        _kernels.Unpack(
            Device.Accelerator.DefaultStream,
            (Groups((long)Rows * _shape.Units, GpuKernels.GroupSize), GpuKernels.GroupSize),
            _quads.View,
            _pairs.View,
            _words.View,
            _extra.View,
            _floats.View,
            _halves.View,
            _bytes.View,
            _table.View,
            _shape,
            buffer.View
        );
        if (_kernels.Layout.Rotation == 0)
        {
            buffer.Download(Device.Accelerator.DefaultStream, weights[..(Rows * Columns)]);
            return;
        }
        using var plain = new GpuBuffer<float>(Device, $"The unpacked {Rows} × {Columns} matrix", (long)Rows * Columns);
        Device.RotateBack(_kernels.Layout, _shape, Columns, buffer.View, plain.View);
        plain.Download(Device.Accelerator.DefaultStream, weights[..(Rows * Columns)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in new IDisposable[] { _quads, _pairs, _words, _extra, _floats, _halves, _bytes, _table })
        {
            buffer.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    private static int Groups(long items, int perGroup) => checked((int)((items + perGroup - 1) / perGroup));
}

/// <summary>A packed matrix of a format that is known when the program is compiled.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <param name="device">The device.</param>
/// <param name="matrix">The matrix.</param>
/// <param name="reduction">Which form of the kernels runs.</param>
public sealed class GpuMatrix<TFormat>(GpuDevice device, CompressedMatrix<TFormat> matrix, GpuReduction reduction = GpuReduction.Automatic)
    : GpuMatrix(device, CompressedFormat.Of<TFormat>(), matrix.Packed, matrix.Rows, matrix.Columns, reduction)
    where TFormat : struct, ICompressedFormat<TFormat>;
