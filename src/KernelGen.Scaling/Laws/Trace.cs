namespace KernelGen.Scaling;

/// <summary>The steps of one computation: for each the numbers it came from and its derivatives by them. A thread keeps one and reuses it.</summary>
internal sealed class Trace
{
    [ThreadStatic]
    private static Trace? t_idle;

    private (int A, double ByA, int B, double ByB)[] _steps = new (int, double, int, double)[64];
    private double[] _slopes = new double[96];
    private Traced[] _parameters = new Traced[16];
    private int _first,
        _count;

    /// <summary>The thread's trace, out of reach of other computations until <see cref="Return"/>.</summary>
    public static Trace Rent()
    {
        Trace trace = t_idle ?? new();
        t_idle = null;
        return trace;
    }

    public void Return() => t_idle = this;

    /// <summary>The parameters as numbers 1, 2, … of the trace; as constants where no derivatives are wanted.</summary>
    public ReadOnlySpan<Traced> Begin(ReadOnlySpan<double> values, bool differentiate)
    {
        if (_parameters.Length < values.Length)
        {
            _parameters = new Traced[2 * values.Length];
        }
        for (int i = 0; i < values.Length; i++)
        {
            _parameters[i] = differentiate ? new Traced(values[i], this, i + 1) : values[i];
        }
        _first = values.Length + 1;
        _count = 0;
        return _parameters.AsSpan(0, values.Length);
    }

    public int Record(int a, double byA, int b, double byB)
    {
        if (_count == _steps.Length)
        {
            Array.Resize(ref _steps, 2 * _count);
        }
        _steps[_count] = (a, byA, b, byB);
        return _first + _count++;
    }

    public void Gradient(int node, Span<double> gradient)
    {
        if (_slopes.Length < _first + _count)
        {
            _slopes = new double[2 * (_first + _count)];
        }
        Span<double> slopes = _slopes.AsSpan(0, _first + _count);
        slopes.Clear();
        slopes[node] = 1;
        for (int i = node - _first; i >= 0; i--)
        {
            double slope = slopes[_first + i];
            if (slope != 0)
            {
                // Slot 0 collects what belongs to constants and is never read.
                ref readonly var step = ref _steps[i];
                slopes[step.A] += slope * step.ByA;
                slopes[step.B] += slope * step.ByB;
            }
        }
        slopes[1.._first].CopyTo(gradient);
    }
}
