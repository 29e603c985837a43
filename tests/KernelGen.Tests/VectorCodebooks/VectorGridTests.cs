using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Tests.VectorCodebooks;

public class VectorGridTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 16)]
    [InlineData(2, 15)]
    [InlineData(3, 100)]
    [InlineData(4, 257)]
    [InlineData(5, 33)]
    [InlineData(8, 1000)]
    [InlineData(4, 4096)]
    public void Every_width_finds_what_the_reference_finds(int dimension, int entries)
    {
        var grid = new VectorGrid(dimension, Gaussian.Samples(dimension * entries, 1));
        float[] queries = Gaussian.Samples(dimension * 300, 2);
        for (int i = 0; i < 300; i++)
        {
            // Some far out, some on an entry, some with a huge coordinate.
            Span<float> query = queries.AsSpan(i * dimension, dimension);
            if (i % 7 == 1)
            {
                query[0] *= 20;
            }
            else if (i % 7 == 2)
            {
                grid.Entries.Slice(i % entries * dimension, dimension).CopyTo(query);
            }
            else if (i % 50 == 3)
            {
                query[^1] = 3e38f;
            }
            int expected = grid.NearestReference(query, out float distance);
            Assert.Equal((expected, distance), (grid.Nearest(query, out float d), d));
            Assert.Equal((expected, distance), (grid.Nearest<Simd512>(query, out d), d));
            Assert.Equal((expected, distance), (grid.Nearest<Simd256>(query, out d), d));
            Assert.Equal((expected, distance), (grid.Nearest<Simd128>(query, out d), d));
            Assert.Equal((expected, distance), (grid.Nearest<Simd32>(query, out d), d));
        }
    }

    /// <summary>A lattice of integers, queried half-way between its points and on them: nearly every query is a draw.</summary>
    [Fact]
    public void Draws_are_decided_alike_by_every_width()
    {
        var entries = new List<float>();
        for (int i = 0; i < 1000; i++)
        {
            entries.AddRange([i * 7 % 10, i / 10 % 10, i / 100]);
        }
        var grid = new VectorGrid(3, entries.ToArray());
        var random = new Random(3);
        var query = new float[3];
        for (int i = 0; i < 2000; i++)
        {
            for (int d = 0; d < 3; d++)
            {
                query[d] = random.Next(-3, 23) * 0.5f;
            }
            int expected = grid.NearestReference(query, out _);
            Assert.Equal(expected, grid.Nearest<Simd512>(query, out _));
            Assert.Equal(expected, grid.Nearest<Simd256>(query, out _));
            Assert.Equal(expected, grid.Nearest<Simd128>(query, out _));
            Assert.Equal(expected, grid.Nearest<Simd32>(query, out _));
        }
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(2, 256)]
    [InlineData(4, 256)]
    public void A_weighted_search_is_exact_as_well(int dimension, int entries)
    {
        const int vectors = 500;
        var grid = new VectorGrid(dimension, Gaussian.Samples(dimension * entries, 6));
        float[] values = Gaussian.Samples(dimension * vectors, 7),
            importance = [.. Gaussian.Samples(dimension * vectors, 8).Select(w => w < -1 ? 0f : w * w / 8)];
        ushort[] wide = new ushort[vectors],
            narrow = new ushort[vectors];
        grid.Encode<Simd512>(values, importance, wide);
        grid.Encode<Simd128>(values, importance, narrow);
        Assert.Equal(wide, narrow);
        for (int i = 0; i < vectors; i++)
        {
            var at = new Range(i * dimension, (i + 1) * dimension);
            Assert.Equal(grid.NearestReference(values.AsSpan(at), importance.AsSpan(at), out _), wide[i]);
        }
    }

    [Fact]
    public void A_grid_of_equal_entries_gives_the_first()
    {
        var grid = new VectorGrid(2, new float[2 * 50]);
        Assert.Equal(0, grid.Nearest([1f, 2f], out float distance));
        Assert.Equal(5f, distance);
    }

    [Fact]
    public void The_reference_is_nearest_in_double_precision()
    {
        var grid = new VectorGrid(4, GaussianGrids.Grid4x256);
        float[] queries = Gaussian.Samples(4 * 500, 4);
        for (int i = 0; i < 500; i++)
        {
            float[] query = queries[(i * 4)..(i * 4 + 4)];
            double least = Enumerable.Range(0, 256).Min(e => Gaussian.SquaredError(query, grid.Entries.Slice(e * 4, 4)));
            int found = grid.Nearest(query, out float distance);
            Assert.Equal(least, Gaussian.SquaredError(query, grid.Entries.Slice(found * 4, 4)), 1e-6);
            Assert.Equal(least, distance, 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    public void Decoding_is_the_entry_times_the_scale(int dimension)
    {
        var grid = new VectorGrid(dimension, Gaussian.Samples(dimension * 300, 5));
        foreach (int count in new[] { 0, 1, 2, 3, 17 })
        {
            float[] values = Gaussian.Samples(count * dimension, 6),
                decoded = new float[count * dimension];
            var indices = new ushort[count];
            double error = grid.Encode(values, indices);
            grid.Decode(indices, 0.3f, decoded);
            Gaussian.AssertSameBits(
                indices.SelectMany(i => grid.Entries.Slice(i * dimension, dimension).ToArray().Select(e => e * 0.3f)).ToArray(),
                decoded
            );
            grid.Decode(indices, 1f, decoded);
            Assert.Equal(Gaussian.SquaredError(values, decoded), error, 1e-4);
        }
        Assert.Throws<IndexOutOfRangeException>(() => grid.Decode([300], 1f, new float[8]));
        Assert.Throws<ArgumentException>(() => grid.Decode([1, 2], 1f, new float[2 * dimension - 1]));
    }

    [Fact]
    public void What_has_no_nearest_entry_is_refused()
    {
        var grid = new VectorGrid(2, GaussianGrids.Grid2x16);
        Assert.Throws<ArgumentException>(() => grid.Nearest([float.NaN, 0f], out _));
        Assert.Throws<ArgumentException>(() => grid.Nearest([0f, float.NegativeInfinity], out _));
        Assert.Throws<ArgumentException>(() => grid.Nearest([0f], out _));
        Assert.Throws<ArgumentException>(() => grid.Encode(new float[5], new ushort[2]));
        Assert.Throws<ArgumentException>(() => new VectorGrid(9, new float[9]));
        Assert.Throws<ArgumentException>(() => new VectorGrid(2, new float[3]));
        Assert.Throws<ArgumentException>(() => new VectorGrid(2, [0f, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => new VectorGrid(1, []));
    }
}
