namespace KernelGen.Gpu;

/// <summary>Activations on a device, in the order of <see cref="GpuShape.XIndex"/>, with zeros behind the last column.</summary>
public sealed class GpuActivations : IDisposable
{
    internal GpuActivations(GpuDevice device, GpuLayout layout, GpuShape shape, ReadOnlySpan<float> x, int batch, int columns)
    {
        (Batch, Columns) = (batch, columns);
        var quads = new F4[checked(batch * shape.XStride)];
        var vector = new float[shape.Units * GpuShape.Unit];
        for (int b = 0; b < batch; b++)
        {
            x.Slice(b * columns, columns).CopyTo(vector);
            vector.AsSpan(columns).Clear();
            if (layout.Rotation > 0)
            {
                HadamardRotation.Forward(vector.AsSpan(0, shape.Columns), layout.Rotation, layout.RotationSeed);
            }
            Arrange(vector, quads.AsSpan(b * shape.XStride, shape.XStride));
        }
        Buffer = new GpuBuffer<F4>(device, $"{batch} vectors of {columns} activations", quads.Length);
        Buffer.Upload(device.Accelerator.DefaultStream, quads);
        device.Accelerator.DefaultStream.Synchronize();
    }

    /// <summary>Activation vectors.</summary>
    public int Batch { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    internal GpuBuffer<F4> Buffer { get; }

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();

    private static void Arrange(ReadOnlySpan<float> vector, Span<F4> quads)
    {
        for (int i = 0; i < vector.Length; i += 4)
        {
            int unit = i / GpuShape.Unit, quad = i % GpuShape.Unit / 4;
            quads[GpuShape.XIndex(unit) + quad * 32] = new F4 { X = vector[i], Y = vector[i + 1], Z = vector[i + 2], W = vector[i + 3] };
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
    public void Download(Span<float> y, GpuStream? stream = null)
        => Buffer.Download(stream?.Stream ?? _device.Accelerator.DefaultStream, y[..(int)Math.Min(y.Length, (long)Rows * Batch)]);

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();
}
