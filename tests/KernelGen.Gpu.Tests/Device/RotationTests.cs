using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu.Tests;

/// <summary>Rotation on a device gives the bits of the CPU.</summary>
public sealed class RotationTests
{
    [Theory]
    [InlineData(16, 45, 3, 7u)]
    [InlineData(64, 64, 2, 0u)]
    [InlineData(128, 1100, 2, 4000000000u)]
    [InlineData(1024, 1025, 3, 1u)]
    [InlineData(4096, 4100, 1, 99u)]
    public void Activations_are_rotated_as_on_the_CPU_and_zeros_follow(int size, int columns, int batch, uint seed)
    {
        var layout = new GpuLayout
        {
            Block = size,
            BlockBytes = 1,
            Rotation = size,
            RotationSeed = seed,
        };
        GpuShape shape = Shape(size, columns);
        float[] x = Subjects.Normal(batch * columns, columns),
            actual = new float[4 * batch * shape.XStride];
        using var source = new GpuBuffer<float>(Subjects.Device, "test", x.Length);
        using var target = new GpuBuffer<float>(Subjects.Device, "test", actual.Length);
        source.Upload(Subjects.Device.Accelerator.DefaultStream, x);
        Array.Fill(actual, float.NaN);
        target.Upload(Subjects.Device.Accelerator.DefaultStream, actual);
        Subjects.Device.Rotate(layout, shape, batch, columns, source.View, target.View);
        target.Download(Subjects.Device.Accelerator.DefaultStream, actual);

        float[] expected = new float[actual.Length],
            vector = new float[shape.Columns];
        for (int b = 0; b < batch; b++)
        {
            vector.AsSpan().Clear();
            x.AsSpan(b * columns, columns).CopyTo(vector);
            HadamardRotation.Forward(vector, size, seed);
            for (int i = 0; i < vector.Length; i++)
            {
                expected[4 * (b * shape.XStride + GpuShape.XIndex(i / 32) + i % 32 / 4 * 32) + i % 4] = vector[i];
            }
        }
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [InlineData(16, 45)]
    [InlineData(1024, 1500)]
    public void Unpacked_rows_are_rotated_back_as_on_the_CPU(int size, int columns)
    {
        const int rows = 3;
        const uint seed = 5;
        var layout = new GpuLayout
        {
            Block = size,
            BlockBytes = 1,
            Rotation = size,
            RotationSeed = seed,
        };
        GpuShape shape = Shape(size, columns);
        shape.Rows = rows;
        float[] rotated = Subjects.Normal(rows * shape.Columns, columns),
            actual = new float[rows * columns];
        using var source = new GpuBuffer<float>(Subjects.Device, "test", rotated.Length);
        using var target = new GpuBuffer<float>(Subjects.Device, "test", actual.Length);
        source.Upload(Subjects.Device.Accelerator.DefaultStream, rotated);
        Subjects.Device.RotateBack(layout, shape, columns, source.View, target.View);
        target.Download(Subjects.Device.Accelerator.DefaultStream, actual);

        for (int row = 0; row < rows; row++)
        {
            HadamardRotation.Inverse(rotated.AsSpan(row * shape.Columns, shape.Columns), size, seed);
        }
        IEnumerable<float> expected = Enumerable.Range(0, rows).SelectMany(row => rotated.Skip(row * shape.Columns).Take(columns));
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
    }

    private static GpuShape Shape(int size, int columns)
    {
        int padded = (columns + size - 1) / size * size,
            units = (padded + 31) / 32;
        return new GpuShape
        {
            Columns = padded,
            Units = units,
            XStride = (units + 31) / 32 * 256,
        };
    }
}
