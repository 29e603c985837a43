namespace KernelGen.Gpu;

/// <summary>Activations on a device, in the order of <see cref="GpuShape.XIndex"/>, with zeros behind the last column.</summary>
public sealed class GpuActivations : IDisposable
{
    internal GpuActivations(
        GpuDevice device,
        GpuLayout layout,
        GpuShape shape,
        ReadOnlySpan<float> x,
        int batch,
        int columns,
        GpuPrecision precision
    )
    {
        (Batch, Columns) = (batch, columns);
        string what = $"{batch} vectors of {columns} activations";
        Buffer = new GpuBuffer<F4>(device, what, checked(batch * shape.XStride));
        if (layout.Rotation > 0)
        {
            UploadRotated(device, what, layout, shape, x[..(batch * columns)]);
        }
        else
        {
            Upload(device, shape, x);
        }
        if (precision == GpuPrecision.Half)
        {
            Halves = new GpuBuffer<U4>(device, what, (long)batch * GpuShape.HalfStride(shape.Units));
            Factors = new GpuBuffer<float>(device, what, batch);
            device.Round(shape, batch, Buffer.View, Halves.View, Factors.View);
        }
        if (precision == GpuPrecision.Int8)
        {
            shape.Batch = batch;
            Codes = new GpuBuffer<U4>(device, what, (long)batch * shape.XStride / 4);
            Groups = new GpuBuffer<U4>(device, what, (long)batch * shape.XStride / 8);
            device.Quantise(shape, layout.Fields[0].Bits < 8, Buffer.View, Codes.View, Groups.View);
        }
        device.Accelerator.DefaultStream.Synchronize();
    }

    /// <summary>Activation vectors.</summary>
    public int Batch { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    internal GpuBuffer<F4> Buffer { get; }

    /// <summary>The same as binary16 for tensor units, or null.</summary>
    internal GpuBuffer<U4>? Halves { get; }

    /// <summary>The power of two that each vector of <see cref="Halves"/> was divided by.</summary>
    internal GpuBuffer<float>? Factors { get; }

    /// <summary>The same as bytes, in the order of <see cref="GpuInt8"/>, or null.</summary>
    internal GpuBuffer<U4>? Codes { get; }

    /// <summary>Scales and sums of <see cref="Codes"/>.</summary>
    internal GpuBuffer<U4>? Groups { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffer.Dispose();
        Codes?.Dispose();
        Groups?.Dispose();
        Halves?.Dispose();
        Factors?.Dispose();
    }

    private void Upload(GpuDevice device, GpuShape shape, ReadOnlySpan<float> x)
    {
        var quads = new F4[Batch * shape.XStride];
        var vector = new float[shape.Units * GpuShape.Unit];
        for (int b = 0; b < Batch; b++)
        {
            x.Slice(b * Columns, Columns).CopyTo(vector);
            Arrange(vector, quads.AsSpan(b * shape.XStride, shape.XStride));
        }
        Buffer.Upload(device.Accelerator.DefaultStream, quads);
    }

    private void UploadRotated(GpuDevice device, string what, GpuLayout layout, GpuShape shape, ReadOnlySpan<float> x)
    {
        using var plain = new GpuBuffer<float>(device, what, x.Length);
        plain.Upload(device.Accelerator.DefaultStream, x);
        device.Rotate(layout, shape, Batch, Columns, plain.View, Buffer.View.Cast<float>());
        device.Accelerator.DefaultStream.Synchronize();
    }

    private static void Arrange(ReadOnlySpan<float> vector, Span<F4> quads)
    {
        for (int i = 0; i < vector.Length; i += 4)
        {
            int unit = i / GpuShape.Unit,
                quad = i % GpuShape.Unit / 4;
            quads[GpuShape.XIndex(unit) + quad * 32] = new F4
            {
                X = vector[i],
                Y = vector[i + 1],
                Z = vector[i + 2],
                W = vector[i + 3],
            };
        }
    }
}

/// <summary>Results on a device.</summary>
public sealed class GpuResults : IDisposable
{
    private readonly GpuDevice _device;

    internal GpuResults(GpuDevice device, int rows, int batch)
    {
        (_device, Rows, Batch) = (device, rows, batch);
        Buffer = new GpuBuffer<float>(device, $"{batch} vectors of {rows} results", (long)rows * batch);
    }

    /// <summary>Rows of the matrix.</summary>
    public int Rows { get; }

    /// <summary>Activation vectors.</summary>
    public int Batch { get; }

    internal GpuBuffer<float> Buffer { get; }

    /// <summary>Waits for the results and copies them, vector after vector.</summary>
    /// <param name="y">Receives up to <c>Batch × Rows</c> sums.</param>
    /// <param name="stream">The stream that they were enqueued on; null for the device's own.</param>
    public void Download(Span<float> y, GpuStream? stream = null) =>
        Buffer.Download(stream?.Stream ?? _device.Accelerator.DefaultStream, y[..(int)Math.Min(y.Length, (long)Rows * Batch)]);

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();
}
