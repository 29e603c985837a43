namespace ILGPU;

public readonly record struct Index1D(int X)
{
    public static implicit operator Index1D(int x) => new(x);

    public static implicit operator int(Index1D index) => index.X;

    public long Size => X;
}

public readonly record struct LongIndex1D(long X)
{
    public static implicit operator LongIndex1D(long x) => new(x);

    public static implicit operator LongIndex1D(int x) => new(x);

    public static implicit operator LongIndex1D(Index1D index) => new(index.X);

    public static implicit operator long(LongIndex1D index) => index.X;
}

public readonly record struct Index2D(int X, int Y)
{
    public static implicit operator Index2D((int X, int Y) index) => new(index.X, index.Y);

    public long Size => (long)X * Y;
}

public readonly record struct Index3D(int X, int Y, int Z)
{
    public static implicit operator Index3D((int X, int Y, int Z) index) => new(index.X, index.Y, index.Z);

    public static implicit operator Index3D(Index2D index) => new(index.X, index.Y, 1);

    public static implicit operator Index3D(Index1D index) => new(index.X, 1, 1);

    public long Size => (long)X * Y * Z;
}
