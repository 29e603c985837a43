using System.Globalization;
using System.Numerics.Tensors;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>A model, its data and its optimiser: everything that a run changes, a step at a time.</summary>
internal sealed class TrainingSession
{
    /// <summary>Largest norm of the gradient; a larger one is scaled down to it.</summary>
    private const double ClipNorm = 1;

    private readonly TrainingSpec _spec;
    private readonly int _threads;
    private readonly BatchPlan _plan;
    private readonly GradientOptimizer _optimizer;
    private readonly RateSchedule _schedule;
    private readonly IReadOnlyList<HeldWeight> _weights;
    private readonly IReadOnlyList<HeldInput>? _inputs;
    private readonly float[][] _gradients;
    private readonly double[] _losses;
    private readonly long _noise,
        _denseSteps;

    /// <summary>The model as it is, for the steps before the representation, and as it is held.</summary>
    private readonly ModelPass _dense,
        _held;
    private bool _calibrated;

    /// <summary>A run before its first step.</summary>
    /// <exception cref="ArgumentException">A field of the run is wrong.</exception>
    /// <exception cref="FormatException">An expression is no representation.</exception>
    public TrainingSession(TrainingSpec spec, FormatCatalog formats, int threads)
    {
        spec.Validate();
        _spec = spec;
        _threads = threads > 0 ? threads : Environment.ProcessorCount;
        Data = TrainingData.Of(spec);
        Layout = new ParameterLayout(spec, Data.Vocabulary);
        var compression = Compression.Of(spec, formats, Layout);
        (_weights, _inputs) = (compression.Weights, compression.Inputs);
        if (spec.QatFrom > 0 && _weights.Count == 0 && _inputs is null)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{nameof(spec.QatFrom)} is {spec.QatFrom}, but nothing is compressed; it must be 0, or weights or activations have a "
                        + $"representation."
                ),
                nameof(spec)
            );
        }
        _plan = new BatchPlan(spec);
        _optimizer = new GradientOptimizer(
            Layout,
            spec.WeightDecay,
            spec.Optimizer == TrainingSpec.AmsGrad,
            new Parameterisation(spec).Rate
        );
        _schedule = RateSchedule.Parse(spec.Schedule);
        _noise = (long)SplitMix.Mix((ulong)(uint)spec.Seed + 1);
        _denseSteps = spec.DenseSteps;
        Parameters = new float[Layout.Length];
        Held = _weights.Count > 0 ? new float[Layout.Length] : Parameters;
        _dense = new(spec, Layout, Data.Vocabulary, _plan, null, Parameters, Parameters);
        _held = new(spec, Layout, Data.Vocabulary, _plan, _inputs, Parameters, Held);
        _gradients = [.. Enumerable.Range(0, _plan.Lanes).Select(_ => new float[Layout.Length])];
        _losses = new double[_plan.MicroBatches];
        InitialWeights.Fill(Layout, spec.Seed, Parameters);
        if (_denseSteps == 0)
        {
            Calibrate();
        }
    }

    public TrainingData Data { get; }

    public ParameterLayout Layout { get; }

    /// <summary>All parameters.</summary>
    public float[] Parameters { get; }

    /// <summary>Linear layers as they are held; the very same array as <see cref="Parameters"/> where weights are not compressed.</summary>
    public float[] Held { get; }

    /// <summary>The gradient of the last step, after the estimators; before clipping.</summary>
    public ReadOnlySpan<float> Gradient => _gradients[0];

    /// <summary>Steps taken.</summary>
    public long StepsTaken { get; private set; }

    /// <summary>Whether the next step is one of those before the representation.</summary>
    private bool IsDense => StepsTaken < _denseSteps;

    /// <summary>All numbers that steps change, by name.</summary>
    public IEnumerable<(string Name, float[] Values)> State => [("parameters", Parameters), .. _optimizer.State];

    /// <summary>All masks that steps change, by the number of their matrix.</summary>
    public IEnumerable<(int Number, bool[] Kept)> Masks =>
        _weights
            .Select((weight, number) => (number, weight.Mask))
            .Where(one => one.Mask is not null)
            .Select(one => (one.number, one.Mask!));

    /// <summary>Goes on after so many steps, whose <see cref="State"/> and <see cref="Masks"/> have been put in.</summary>
    public void Resume(long steps)
    {
        StepsTaken = steps;
        _optimizer.Resume(steps);
        _calibrated |= steps > _denseSteps;
    }

    /// <summary>Trains on the next batch.</summary>
    /// <returns>Its mean loss in nats per token, before the step.</returns>
    /// <exception cref="TrainingDivergedException">The loss or its gradient is not finite.</exception>
    public double Step()
    {
        double loss = ComputeGradient();
        double norm = GradientOptimizer.Norm(_gradients[0]);
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            throw new TrainingDivergedException(StepsTaken, StepsTaken * _spec.BatchTokens, _spec.LearningRate);
        }
        _optimizer.Step(Parameters, _gradients[0], (float)Math.Min(1, ClipNorm / norm), Rate());
        StepsTaken++;
        return loss;
    }

    /// <summary>Computes the gradient of the next batch; takes no step.</summary>
    /// <returns>Its mean loss.</returns>
    internal double ComputeGradient()
    {
        ModelPass pass = IsDense ? _dense : _held;
        if (!IsDense)
        {
            Calibrate();
            HoldWeights(_noise + StepsTaken);
        }
        Spread(_plan.Lanes, lane => Lane(pass, lane));
        Span<float> gradient = _gradients[0];
        foreach (float[] other in _gradients.AsSpan(1))
        {
            TensorPrimitives.Add(gradient, other, gradient);
        }
        if (!IsDense)
        {
            (long step, long steps) = (StepsTaken - _denseSteps, _spec.Steps - _denseSteps);
            Spread(_weights.Count, i => _weights[i].Backward(Parameters, Held, _gradients[0], _noise + StepsTaken, step, steps));
        }
        return _losses.Sum() / _spec.BatchTokens;
    }

    /// <summary>The learning rate of the next step: of one schedule, or of that of its own phase.</summary>
    private double Rate()
    {
        (long step, long steps) =
            _spec.QatFused ? (StepsTaken, _spec.Steps)
            : IsDense ? (StepsTaken, _denseSteps)
            : (StepsTaken - _denseSteps, _spec.Steps - _denseSteps);
        return _schedule.Rate(_spec.LearningRate, step, steps);
    }

    /// <summary>Scores the model on the held-out sequences, as it is held.</summary>
    /// <returns>Loss of each sequence in nats per token; where the data's true distribution is known, what is lost beyond it.</returns>
    public double[] Evaluate(CancellationToken cancel = default)
    {
        Calibrate();
        HoldWeights(_noise + StepsTaken);
        var losses = new double[Data.HeldOutSequences];
        int micro = _plan.MicroSequences;
        Spread((losses.Length + micro - 1) / micro, batch =>
        {
            cancel.ThrowIfCancellationRequested();
            Workspace work = _held.Take();
            int first = batch * micro,
                count = Math.Min(micro, losses.Length - first);
            for (int i = 0; i < micro; i++)
            {
                // The last micro-batch is filled up; what fills it is not looked at.
                Data.HeldOut(first + Math.Min(i, count - 1), work.Sequence);
                work.SetSequence(i);
            }
            _held.Forward(work, -1 - batch);
            for (int i = 0; i < count; i++)
            {
                double own = TensorPrimitives.Sum<double>(work.Losses.AsSpan(i * _spec.Context, _spec.Context));
                losses[first + i] = (own - Data.TrueCost(first + i)) / _spec.Context;
            }
            _held.Return(work);
        });
        return losses;
    }

    private void Lane(ModelPass pass, int lane)
    {
        float[] gradient = _gradients[lane];
        gradient.AsSpan().Clear();
        Workspace work = pass.Take();
        for (int batch = lane; batch < _plan.MicroBatches; batch += _plan.Lanes)
        {
            Fill(work, StepsTaken, batch);
            long draw = _noise + StepsTaken * _plan.MicroBatches + batch;
            _losses[batch] = pass.Forward(work, draw);
            pass.Backward(work, 1f / _spec.BatchTokens, gradient, draw);
        }
        pass.Return(work);
    }

    private void Fill(Workspace work, long step, int batch)
    {
        for (int i = 0; i < _plan.MicroSequences; i++)
        {
            Data.Sequence(step * _plan.Sequences + batch * _plan.MicroSequences + i, work.Sequence);
            work.SetSequence(i);
        }
    }

    private void HoldWeights(long draw) => Spread(_weights.Count, i => _weights[i].Forward(Parameters, Held, draw));

    /// <summary>
    /// Learned scales begin with the weights when the representation is put on, and with the activations of a micro-batch.
    /// </summary>
    private void Calibrate()
    {
        if (_calibrated)
        {
            return;
        }
        _calibrated = true;
        foreach (HeldWeight weight in _weights)
        {
            weight.Initialise(Parameters);
        }
        if (_inputs is null || !Layout.Tensors.Any(tensor => tensor.Kind == ParameterKind.Learned))
        {
            return;
        }
        HoldWeights(_noise);
        Workspace work = _held.Take();
        Fill(work, StepsTaken, 0);
        foreach (HeldInput input in _inputs)
        {
            input.Calibration = Parameters;
        }
        _held.Forward(work, _noise);
        foreach (HeldInput input in _inputs)
        {
            input.Calibration = default;
        }
        _held.Return(work);
    }

    private void Spread(int count, Action<int> body)
    {
        if (_threads == 1 || count == 1)
        {
            for (int i = 0; i < count; i++)
            {
                body(i);
            }
            return;
        }
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _threads }, body);
    }
}
