using System.Collections.Concurrent;
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
    private readonly Decoder _decoder;
    private readonly GradientOptimizer _optimizer;
    private readonly CosineSchedule _schedule;
    private readonly IReadOnlyList<HeldWeight> _weights;
    private readonly float[][] _gradients;
    private readonly double[] _losses;
    private readonly ConcurrentBag<Workspace> _workspaces = [];
    private readonly long _noise;

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
        _weights = compression.Weights;
        _plan = new BatchPlan(spec);
        _decoder = new Decoder(spec, Layout, Data.Vocabulary, compression.Inputs);
        _optimizer = new GradientOptimizer(
            Layout,
            spec.WeightDecay,
            spec.Optimizer switch
            {
                "adamw" => false,
                "amsgrad" => true,
                _ => throw new ArgumentException($"Optimizer is '{spec.Optimizer}'; it must be adamw or amsgrad.", nameof(spec)),
            }
        );
        _schedule = new CosineSchedule(spec.LearningRate, spec.Steps);
        _noise = (long)SplitMix.Mix((ulong)(uint)spec.Seed + 1);
        Parameters = new float[Layout.Length];
        Held = _weights.Count > 0 ? new float[Layout.Length] : Parameters;
        _gradients = [.. Enumerable.Range(0, _plan.Lanes).Select(_ => new float[Layout.Length])];
        _losses = new double[_plan.MicroBatches];
        InitialWeights.Fill(Layout, spec.Seed, Parameters);
        Calibrate(compression);
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
        _optimizer.Step(Parameters, _gradients[0], (float)Math.Min(1, ClipNorm / norm), _schedule.Rate(StepsTaken));
        StepsTaken++;
        return loss;
    }

    /// <summary>Computes the gradient of the next batch; takes no step.</summary>
    /// <returns>Its mean loss.</returns>
    internal double ComputeGradient()
    {
        HoldWeights(_noise + StepsTaken);
        Spread(_plan.Lanes, Lane);
        Span<float> gradient = _gradients[0];
        foreach (float[] other in _gradients.AsSpan(1))
        {
            TensorPrimitives.Add(gradient, other, gradient);
        }
        Spread(_weights.Count, i => _weights[i].Backward(Parameters, Held, _gradients[0], _noise + StepsTaken, StepsTaken, _spec.Steps));
        return _losses.Sum() / _spec.BatchTokens;
    }

    /// <summary>Scores the model on the held-out sequences, as it is held.</summary>
    /// <returns>Loss of each sequence in nats per token; where the data's true distribution is known, what is lost beyond it.</returns>
    public double[] Evaluate(CancellationToken cancel = default)
    {
        HoldWeights(_noise + StepsTaken);
        var losses = new double[Data.HeldOutSequences];
        int micro = _plan.MicroSequences;
        Spread((losses.Length + micro - 1) / micro, batch =>
        {
            cancel.ThrowIfCancellationRequested();
            Workspace work = Take();
            int first = batch * micro,
                count = Math.Min(micro, losses.Length - first);
            for (int i = 0; i < micro; i++)
            {
                // The last micro-batch is filled up; what fills it is not looked at.
                Data.HeldOut(first + Math.Min(i, count - 1), work.Sequence);
                work.SetSequence(i);
            }
            _decoder.Forward(work, Parameters, Held, -1 - batch);
            for (int i = 0; i < count; i++)
            {
                double own = TensorPrimitives.Sum<double>(work.Losses.AsSpan(i * _spec.Context, _spec.Context));
                losses[first + i] = (own - Data.TrueCost(first + i)) / _spec.Context;
            }
            _workspaces.Add(work);
        });
        return losses;
    }

    private void Lane(int lane)
    {
        float[] gradient = _gradients[lane];
        gradient.AsSpan().Clear();
        Workspace work = Take();
        for (int batch = lane; batch < _plan.MicroBatches; batch += _plan.Lanes)
        {
            Fill(work, StepsTaken, batch);
            _losses[batch] = _decoder.Forward(work, Parameters, Held, _noise + StepsTaken * _plan.MicroBatches + batch);
            _decoder.Backward(work, Parameters, Held, 1f / _spec.BatchTokens, gradient, _noise + StepsTaken * _plan.MicroBatches + batch);
        }
        _workspaces.Add(work);
    }

    private void Fill(Workspace work, long step, int batch)
    {
        for (int i = 0; i < _plan.MicroSequences; i++)
        {
            Data.Sequence(step * _plan.Sequences + batch * _plan.MicroSequences + i, work.Sequence);
            work.SetSequence(i);
        }
    }

    private Workspace Take() =>
        _workspaces.TryTake(out Workspace? work) ? work : new Workspace(_spec, Data.Vocabulary, _plan.MicroSequences, _decoder.HoldsInputs);

    private void HoldWeights(long draw) => Spread(_weights.Count, i => _weights[i].Forward(Parameters, Held, draw));

    /// <summary>Learned scales begin with the initial weights, and with the activations of the first micro-batch.</summary>
    private void Calibrate(Compression compression)
    {
        foreach (HeldWeight weight in _weights)
        {
            weight.Initialise(Parameters);
        }
        if (compression.Inputs is not { } inputs || !Layout.Tensors.Any(tensor => tensor.Kind == ParameterKind.Learned))
        {
            return;
        }
        HoldWeights(_noise);
        Workspace work = Take();
        Fill(work, 0, 0);
        foreach (HeldInput input in inputs)
        {
            input.Calibration = Parameters;
        }
        _decoder.Forward(work, Parameters, Held, _noise);
        foreach (HeldInput input in inputs)
        {
            input.Calibration = default;
        }
        _workspaces.Add(work);
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
