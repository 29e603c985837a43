using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>
/// A fit as the optimiser sees it: a vector θ of free parameters (logarithms where the law says so) and the sum of Huber losses of
/// residuals, with gradient and curvature. The runs carry weights, so a resample needs no copy.
/// </summary>
internal sealed class FitProblem
{
    /// <summary>What a prediction that is no number costs: more than any real one, but finite, so that line searches go on.</summary>
    private const double Hopeless = 1e6;

    private readonly LawInput[] _inputs;
    private readonly double[] _observed;
    private readonly double[] _template;
    private readonly int[] _target;
    private readonly bool[] _log;
    private readonly double _delta;
    private readonly (int Index, double Mean, double Weight)[] _priors;

    public FitProblem(IScalingLaw law, IReadOnlyList<TrainingRun> runs, FitOptions options)
    {
        Law = law;
        Runs = runs;
        _delta = options.HuberDelta;
        _inputs = [.. runs.Select(run => run.Input)];
        _observed = [.. runs.Select(run => law.LogResiduals ? Math.Log(run.Loss) : run.Loss)];
        BaseWeights = [.. runs.Select(run => options.Weight?.Invoke(run) ?? 1)];
        IReadOnlyList<LawParameter> parameters = law.Parameters;
        CheckNames(law, options);
        CheckColumns(law, runs);

        _template = new double[parameters.Count];
        _target = new int[parameters.Count];
        var free = new List<int>();
        for (int i = 0; i < parameters.Count; i++)
        {
            LawParameter parameter = parameters[i];
            _target[i] = -1;
            if (options.Fixed.TryGetValue(parameter.Name, out double value))
            {
                _template[i] = value;
            }
            else if (parameter.Held && !options.Free.Contains(parameter.Name))
            {
                _template[i] = parameter.Default
                    ?? throw new FitException($"'{parameter.Name}' is held by {law.Name} but has no default; give a value or free it.");
            }
            else if (!options.Tied.ContainsKey(parameter.Name))
            {
                _target[i] = free.Count;
                free.Add(i);
            }
        }
        Free = [.. free];
        for (int i = 0; i < parameters.Count; i++)
        {
            if (options.Tied.TryGetValue(parameters[i].Name, out string? other))
            {
                int source = IndexOf(law, other);
                _target[i] = _target[source];
                _template[i] = _template[source];
            }
        }
        _log = [.. Free.Select(i => parameters[i].Scale == ParameterScale.Log)];
        Lower = new double[Free.Length];
        Upper = new double[Free.Length];
        StartLow = new double[Free.Length];
        StartHigh = new double[Free.Length];
        for (int k = 0; k < Free.Length; k++)
        {
            LawParameter parameter = parameters[Free[k]];
            (double lower, double upper) = options.Bounds.TryGetValue(parameter.Name, out var bounds)
                ? bounds
                : (parameter.Lower, parameter.Upper);
            if (!(lower < upper))
            {
                throw new FitException(
                    string.Create(CultureInfo.InvariantCulture, $"The bounds of '{parameter.Name}', {lower} and {upper}, leave no room.")
                );
            }
            Lower[k] = ToSearch(k, lower);
            Upper[k] = ToSearch(k, upper);
            StartLow[k] = Math.Clamp(ToSearch(k, parameter.StartLow), Lower[k], Upper[k]);
            StartHigh[k] = Math.Clamp(ToSearch(k, parameter.StartHigh), Lower[k], Upper[k]);
        }
        _priors = [.. options.Priors.Select(prior => Prior(prior, options.PriorNoise)).Where(prior => prior.Index >= 0)];
    }

    public IScalingLaw Law { get; }

    public IReadOnlyList<TrainingRun> Runs { get; }

    /// <summary>Indices of the free parameters in the law's table.</summary>
    public int[] Free { get; }

    public double[] BaseWeights { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    public double[] StartLow { get; }

    public double[] StartHigh { get; }

    /// <summary>All parameters of the law for a point of the search.</summary>
    public double[] Expand(ReadOnlySpan<double> theta)
    {
        var values = new double[_template.Length];
        Expand(theta, values);
        return values;
    }

    /// <summary>The point of the search for all parameters of the law.</summary>
    public double[] Contract(IReadOnlyList<double> values) =>
        [.. Free.Select((index, k) => Math.Clamp(ToSearch(k, values[index]), Lower[k], Upper[k]))];

    /// <summary>Predicted minus observed, in logarithms where the law compares those.</summary>
    public double[] Residuals(ReadOnlySpan<double> values)
    {
        var residuals = new double[_inputs.Length];
        for (int i = 0; i < residuals.Length; i++)
        {
            residuals[i] = (Law.LogResiduals ? Law.PredictLog(_inputs[i], values, []) : Law.Predict(_inputs[i], values, [])) - _observed[i];
        }
        return residuals;
    }

    /// <summary>The objective; with a gradient and a curvature matrix where spans are given for them.</summary>
    /// <param name="theta">Point of the search.</param>
    /// <param name="weights">Weight of each run.</param>
    /// <param name="gradient">Receives the gradient, or empty.</param>
    /// <param name="curvature">Receives Σ w·min(1, δ/|r|)·∇r∇rᵀ, row-major: a majorant of the Huber loss. Or empty.</param>
    public double Evaluate(ReadOnlySpan<double> theta, ReadOnlySpan<double> weights, Span<double> gradient, Span<double> curvature)
    {
        Span<double> values = stackalloc double[_template.Length];
        Expand(theta, values);
        Span<double> byValue = stackalloc double[gradient.IsEmpty ? 0 : values.Length],
            byTheta = stackalloc double[gradient.Length];
        gradient.Clear();
        curvature.Clear();
        double sum = 0;
        for (int i = 0; i < _inputs.Length; i++)
        {
            double weight = weights[i];
            if (weight == 0)
            {
                continue;
            }
            double predicted = Law.LogResiduals ? Law.PredictLog(_inputs[i], values, byValue) : Law.Predict(_inputs[i], values, byValue);
            double residual = predicted - _observed[i],
                size = Math.Abs(residual);
            if (!double.IsFinite(residual))
            {
                sum += weight * Hopeless;
                continue;
            }
            sum += weight * HuberLoss.Value(size, _delta);
            if (gradient.IsEmpty)
            {
                continue;
            }
            if (!ToSearchGradient(values, byValue, byTheta))
            {
                continue;
            }
            double slope = weight * Math.Clamp(residual, -_delta, _delta);
            for (int k = 0; k < byTheta.Length; k++)
            {
                gradient[k] += slope * byTheta[k];
            }
            if (!curvature.IsEmpty)
            {
                double bend = weight * (size <= _delta ? 1 : _delta / size);
                for (int k = 0; k < byTheta.Length; k++)
                {
                    for (int m = 0; m <= k; m++)
                    {
                        curvature[k * byTheta.Length + m] += bend * byTheta[k] * byTheta[m];
                    }
                }
            }
        }
        return sum + AddPriors(theta, gradient, curvature);
    }

    private double AddPriors(ReadOnlySpan<double> theta, Span<double> gradient, Span<double> curvature)
    {
        double sum = 0;
        foreach ((int index, double mean, double weight) in _priors)
        {
            double distance = theta[index] - mean;
            sum += 0.5 * weight * distance * distance;
            if (!gradient.IsEmpty)
            {
                gradient[index] += weight * distance;
            }
            if (!curvature.IsEmpty)
            {
                curvature[index * theta.Length + index] += weight;
            }
        }
        return sum;
    }

    private void Expand(ReadOnlySpan<double> theta, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int k = _target[i];
            values[i] =
                k < 0 ? _template[i]
                : _log[k] ? Math.Exp(theta[k])
                : theta[k];
        }
    }

    /// <summary>False if a derivative overflowed: such a run cannot say where to go.</summary>
    private bool ToSearchGradient(ReadOnlySpan<double> values, ReadOnlySpan<double> byValue, Span<double> byTheta)
    {
        byTheta.Clear();
        bool finite = true;
        for (int i = 0; i < byValue.Length; i++)
        {
            int k = _target[i];
            if (k >= 0)
            {
                byTheta[k] += _log[k] ? byValue[i] * values[i] : byValue[i];
                finite &= Math.Abs(byTheta[k]) < 1e100;
            }
        }
        return finite;
    }

    private double ToSearch(int k, double value) => _log[k] ? Math.Log(Math.Max(value, 1e-300)) : value;

    private (int Index, double Mean, double Weight) Prior(ParameterPrior prior, double noise)
    {
        int k = _target[IndexOf(Law, prior.Parameter)];
        return k < 0 ? (-1, 0, 0) : (k, ToSearch(k, prior.Mean), noise * noise / (prior.StandardDeviation * prior.StandardDeviation));
    }

    private static int IndexOf(IScalingLaw law, string name)
    {
        for (int i = 0; i < law.Parameters.Count; i++)
        {
            if (law.Parameters[i].Name == name)
            {
                return i;
            }
        }
        throw new FitException(
            $"The law '{law.Name}' has no parameter '{name}'. {NearestName.Sentence(name, law.Parameters.Select(p => p.Name))}"
        );
    }

    private static void CheckNames(IScalingLaw law, FitOptions options)
    {
        IEnumerable<string> names =
        [
            .. options.Fixed.Keys,
            .. options.Free,
            .. options.Tied.Keys,
            .. options.Tied.Values,
            .. options.Bounds.Keys,
        ];
        foreach (string name in names)
        {
            IndexOf(law, name);
        }
        if (options.Tied.Values.FirstOrDefault(options.Tied.ContainsKey) is { } chain)
        {
            throw new FitException($"'{chain}' is tied itself; tie to a parameter that is not.");
        }
    }

    private static void CheckColumns(IScalingLaw law, IReadOnlyList<TrainingRun> runs)
    {
        foreach (LawColumn column in law.Columns.Where(column => !column.Optional))
        {
            if (runs.FirstOrDefault(run => !run.Input.Columns.ContainsKey(column.Name)) is { } run)
            {
                throw new FitException($"Line {run.Line}, column '{column.Name}': {law.Name} needs a number here ({column.Meaning}).");
            }
        }
    }
}
